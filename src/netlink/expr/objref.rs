use std::ffi::{CStr, CString};

use super::Build;
use crate::netlink::message::Message;

/// `enum nft_objref_attributes`
const TYPE: u16 = 1;
const NAME: u16 = 2;

/// Applies a named object of the table.
pub struct ObjectRef {
    /// `NFT_OBJECT_*`
    pub kind: u32,
    pub name: CString,
}

impl Build for ObjectRef {
    const NAME: &CStr = c"objref";

    fn build(&self, data: &mut Message<'_>) {
        data.attribute(NAME, self.name.to_bytes());
        data.attribute_u32(TYPE, self.kind);
    }
}
