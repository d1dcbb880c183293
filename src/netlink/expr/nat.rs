use std::ffi::CStr;

use super::Build;
use crate::netlink::message::Message;

/// `enum nft_nat_attributes`
const TYPE: u16 = 1;
const FAMILY: u16 = 2;
const REG_ADDR_MIN: u16 = 3;
const REG_ADDR_MAX: u16 = 4;
const REG_PROTO_MIN: u16 = 5;
const REG_PROTO_MAX: u16 = 6;
const FLAGS: u16 = 7;
/// `enum nft_redir_attributes`
const REDIR_REG_PROTO_MIN: u16 = 1;
const REDIR_REG_PROTO_MAX: u16 = 2;
const REDIR_FLAGS: u16 = 3;

/// Rewrites source or destination; the numbers are registers.
pub struct Nat {
    /// `enum nft_nat_types`
    pub kind: u32,
    /// `NFPROTO_*` of the address.
    pub family: u32,
    pub addr_min: Option<u32>,
    pub addr_max: Option<u32>,
    pub port_min: Option<u32>,
    pub port_max: Option<u32>,
    pub flags: u32,
}

/// Source becomes the address of the device the packet leaves by.
pub struct Masquerade;

/// Destination becomes this machine.
pub struct Redirect {
    pub port_min: Option<u32>,
    pub port_max: Option<u32>,
    pub flags: u32,
}

fn set_registers(data: &mut Message<'_>, registers: &[(u16, Option<u32>)]) {
    for (attribute, register) in registers {
        if let Some(register) = register {
            data.attribute_u32(*attribute, *register);
        }
    }
}

impl Build for Nat {
    const NAME: &CStr = c"nat";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_u32(TYPE, self.kind);
        data.attribute_u32(FAMILY, self.family);
        set_registers(
            data,
            &[
                (REG_ADDR_MIN, self.addr_min),
                (REG_ADDR_MAX, self.addr_max),
                (REG_PROTO_MIN, self.port_min),
                (REG_PROTO_MAX, self.port_max),
            ],
        );
        if self.flags != 0 {
            data.attribute_u32(FLAGS, self.flags);
        }
    }
}

impl Build for Masquerade {
    const NAME: &CStr = c"masq";

    fn build(&self, _: &mut Message<'_>) {}
}

impl Build for Redirect {
    const NAME: &CStr = c"redir";

    fn build(&self, data: &mut Message<'_>) {
        set_registers(
            data,
            &[
                (REDIR_REG_PROTO_MIN, self.port_min),
                (REDIR_REG_PROTO_MAX, self.port_max),
            ],
        );
        if self.flags != 0 {
            data.attribute_u32(REDIR_FLAGS, self.flags);
        }
    }
}
