use std::ffi::CString;

use nftnl_sys as sys;

use super::Build;
use crate::netlink::raw;

/// Hands the packet's flow to a flowtable.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct FlowOffload {
    pub flowtable: CString,
}

impl Build for FlowOffload {
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"flow_offload");
        raw.set_str(sys::NFTNL_EXPR_FLOW_TABLE_NAME, &self.flowtable);
        raw
    }
}
