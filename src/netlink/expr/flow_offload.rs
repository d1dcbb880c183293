use std::ffi::{CStr, CString};

use super::Build;
use crate::netlink::message::Message;

/// `enum nft_offload_attributes`
const TABLE_NAME: u16 = 1;

/// Hands the packet's flow to a flowtable.
pub struct FlowOffload {
    pub flowtable: CString,
}

impl Build for FlowOffload {
    const NAME: &CStr = c"flow_offload";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute_str(TABLE_NAME, &self.flowtable);
    }
}
