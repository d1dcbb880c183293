/*!
`ip dscp`: six bits in the second byte of an IPv4 header (RFC 2474), across the first two of an IPv6 one.

To set it two bytes are read, changed and written, for the checksum of IPv4 is a sum of pairs of bytes.
*/

use super::Lowering;
use super::field::Source;
use crate::netlink::error::Reason;
use crate::netlink::expr::{Bitwise, CmpOp, PayloadWrite, Value};
use crate::netlink::kernel_abi::{NFT_PAYLOAD_NETWORK_HEADER, NFT_REG_1};
use crate::ruleset::{Dscp, Family};

const DSCP_MAX: u8 = 63;
/// Where the IPv4 header keeps its checksum.
const IPV4_CHECKSUM: u32 = 10;

/// The bits in the first two bytes of the header.
fn in_place(family: Family, dscp: Dscp) -> [u8; 2] {
    let shift = match family {
        Family::V4 => 2,
        Family::V6 => 6,
    };
    (u16::from(dscp) << shift).to_be_bytes()
}

fn valid(dscp: Dscp) -> Result<Dscp, Reason> {
    if dscp <= DSCP_MAX {
        Ok(dscp)
    } else {
        Err(Reason::Number("DSCP"))
    }
}

impl Lowering<'_> {
    pub fn dscp(&mut self, family: Family, dscp: Dscp, invert: bool) -> Result<(), Reason> {
        self.need_network(family)?;
        let value = in_place(family, valid(dscp)?);
        let mask = in_place(family, DSCP_MAX);
        let (offset, value, mask) = match family {
            Family::V4 => (1, Value::from(value[1]), Value::from(mask[1])),
            Family::V6 => (0, Value::new(&value), Value::new(&mask)),
        };
        let source = Source::Payload(NFT_PAYLOAD_NETWORK_HEADER, offset);
        self.load_into(source, value.len() as u32, NFT_REG_1);
        self.push(Bitwise {
            register: NFT_REG_1,
            mask,
            xor: Value::zero(mask.len()),
        });
        self.test(CmpOp::equal_unless(invert), value);
        Ok(())
    }

    pub fn set_dscp(&mut self, family: Family, dscp: Dscp) -> Result<(), Reason> {
        self.need_network(family)?;
        let value = in_place(family, valid(dscp)?);
        let others = in_place(family, DSCP_MAX).map(|byte| !byte);
        self.end_of_run();
        self.load_into(Source::Payload(NFT_PAYLOAD_NETWORK_HEADER, 0), 2, NFT_REG_1);
        self.push(Bitwise {
            register: NFT_REG_1,
            mask: Value::new(&others),
            xor: Value::new(&value),
        });
        let checksum = match family {
            Family::V4 => Some(IPV4_CHECKSUM),
            Family::V6 => None,
        };
        self.push(PayloadWrite {
            base: NFT_PAYLOAD_NETWORK_HEADER,
            offset: 0,
            length: 2,
            register: NFT_REG_1,
            checksum,
        });
        Ok(())
    }
}
