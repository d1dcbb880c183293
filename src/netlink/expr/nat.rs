use nftnl_sys as sys;

use super::Build;
use crate::netlink::raw;

/// Rewrites source or destination; the numbers are registers.
#[derive(Debug, Clone, PartialEq, Hash)]
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
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Masquerade;

/// Destination becomes this machine.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Redirect {
    pub port_min: Option<u32>,
    pub port_max: Option<u32>,
    pub flags: u32,
}

fn set_registers(raw: &mut raw::Expression, registers: &[(u32, Option<u32>)]) {
    for (attribute, register) in registers {
        if let Some(register) = register {
            raw.set_u32(*attribute, *register);
        }
    }
}

impl Build for Nat {
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"nat");
        raw.set_u32(sys::NFTNL_EXPR_NAT_TYPE, self.kind);
        raw.set_u32(sys::NFTNL_EXPR_NAT_FAMILY, self.family);
        if self.flags != 0 {
            raw.set_u32(sys::NFTNL_EXPR_NAT_FLAGS, self.flags);
        }
        set_registers(
            &mut raw,
            &[
                (sys::NFTNL_EXPR_NAT_REG_ADDR_MIN, self.addr_min),
                (sys::NFTNL_EXPR_NAT_REG_ADDR_MAX, self.addr_max),
                (sys::NFTNL_EXPR_NAT_REG_PROTO_MIN, self.port_min),
                (sys::NFTNL_EXPR_NAT_REG_PROTO_MAX, self.port_max),
            ],
        );
        raw
    }
}

impl Build for Masquerade {
    fn build(&self) -> raw::Expression {
        raw::Expression::new(c"masq")
    }
}

impl Build for Redirect {
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"redir");
        if self.flags != 0 {
            raw.set_u32(sys::NFTNL_EXPR_REDIR_FLAGS, self.flags);
        }
        set_registers(
            &mut raw,
            &[
                (sys::NFTNL_EXPR_REDIR_REG_PROTO_MIN, self.port_min),
                (sys::NFTNL_EXPR_REDIR_REG_PROTO_MAX, self.port_max),
            ],
        );
        raw
    }
}
