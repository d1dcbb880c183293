use std::ffi::CString;

use nftnl_sys as sys;

use super::Build;
use crate::netlink::raw;

/// Applies a named object of the table.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct ObjectRef {
    /// `NFT_OBJECT_*`
    pub kind: u32,
    pub name: CString,
}

impl Build for ObjectRef {
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"objref");
        raw.set_str(sys::NFTNL_EXPR_OBJREF_IMM_NAME, &self.name);
        raw.set_u32(sys::NFTNL_EXPR_OBJREF_IMM_TYPE, self.kind);
        raw
    }
}
