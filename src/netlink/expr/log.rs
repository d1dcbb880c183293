use std::ffi::CString;

use nftnl_sys as sys;

use super::Build;
use crate::netlink::raw;

/// Writes a line to the kernel's log.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Log {
    pub prefix: CString,
}

impl Build for Log {
    fn build(&self) -> raw::Expression {
        let mut raw = raw::Expression::new(c"log");
        raw.set_str(sys::NFTNL_EXPR_LOG_PREFIX, &self.prefix);
        raw
    }
}
