/*! Prefix lengths and masks of addresses, as fw4 makes one of the other. */

use std::net::IpAddr;

/// The mask of a prefix length, fw4's `to_mask()`: a negative length gives the complement.
pub fn mask_of(bits: i128, v6: bool) -> Option<IpAddr> {
    let max = if v6 { 128 } else { 32 };
    let len = u32::try_from(bits.unsigned_abs())
        .ok()
        .filter(|len| *len <= max)?;
    let ones = |width: u32| (!0u128).checked_shl(width - len).unwrap_or(0);
    Some(match v6 {
        true => IpAddr::V6(if bits < 0 { !ones(128) } else { ones(128) }.into()),
        false => {
            let mask = ones(32) as u32;
            IpAddr::V4(if bits < 0 { !mask } else { mask }.into())
        }
    })
}

/// The prefix length that fw4's `to_bits()` reads out of a mask, `None` if it is none. Its quirk is kept:
/// a byte of some ones and then zeros does not end the prefix, only a byte of zeros does
/// (255.240.255.0 counts as 20).
pub fn bits_of(mask: IpAddr) -> Option<u64> {
    let bytes = match mask {
        IpAddr::V4(a) => a.octets().to_vec(),
        IpAddr::V6(a) => a.octets().to_vec(),
    };
    let mut bits = 0;
    let mut ended = false;
    for byte in bytes {
        ended |= byte == 0;
        let ones = if ended { 0 } else { byte.leading_ones() };
        bits += u64::from(ones);
        if u32::from(byte) << ones & 0xff != 0 {
            return None;
        }
    }
    Some(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_read_with_fw4s_quirk() {
        let bits = |m: &str| bits_of(m.parse().expect("address"));
        assert_eq!(bits("255.255.255.0"), Some(24));
        assert_eq!(bits("255.240.255.0"), Some(20));
        assert_eq!(bits("255.0.255.0"), None);
        assert_eq!(bits("::ffff"), None);
        assert_eq!(mask_of(20, false), "255.255.240.0".parse().ok());
        assert_eq!(mask_of(-24, false), "0.0.0.255".parse().ok());
        assert_eq!(mask_of(33, false), None);
    }
}
