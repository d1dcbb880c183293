use std::net::IpAddr;

/// Up to 16 bytes, as much as one register holds, in the order in which they lie in memory there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value {
    bytes: [u8; 16],
    length: u8,
}

impl Value {
    /// Bytes beyond the sixteenth do not fit a register and are cut.
    pub fn new(data: &[u8]) -> Self {
        let mut bytes = [0; 16];
        let length = data.len().min(bytes.len());
        for (to, from) in bytes.iter_mut().zip(data) {
            *to = *from;
        }
        Value {
            bytes,
            length: length as u8,
        }
    }

    /// A number of the kernel's own, like a mark: host byte order.
    pub fn host(number: u32) -> Self {
        Value::new(&number.to_ne_bytes())
    }

    /// A port.
    pub fn port(port: u16) -> Self {
        Value::new(&port.to_be_bytes())
    }

    pub fn addr(addr: IpAddr) -> Self {
        match addr {
            IpAddr::V4(addr) => Value::new(&addr.octets()),
            IpAddr::V6(addr) => Value::new(&addr.octets()),
        }
    }

    pub fn zero(length: usize) -> Self {
        Value::new([0; 16].get(..length).unwrap_or(&[0; 16]))
    }

    pub fn bytes(&self) -> &[u8] {
        self.bytes
            .get(..usize::from(self.length))
            .unwrap_or(&self.bytes)
    }

    /// As a number, all its bytes in network order.
    pub fn number(&self) -> u128 {
        let bytes = self.bytes().iter();
        bytes.fold(0, |number, byte| number << 8 | u128::from(*byte))
    }

    /// With zeros behind it.
    pub fn padded(&self) -> &[u8; 16] {
        &self.bytes
    }

    pub fn len(&self) -> usize {
        usize::from(self.length)
    }

    /// This value and another behind it.
    pub fn join(&self, other: &Value) -> Value {
        Value::new(&[self.bytes(), other.bytes()].concat())
    }
}

impl From<u8> for Value {
    fn from(byte: u8) -> Self {
        Value::new(&[byte])
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("0x")?;
        self.bytes()
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
