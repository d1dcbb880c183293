/*!
libnftnl's objects behind safe handles.

Each handle owns one C object, frees it, and offers setters that copy what they are given. The rest of this
module never sees a pointer. Attribute numbers are libnftnl's; each setter must be used for attributes of
its own type only, which is why nothing here is visible outside of `netlink`.
*/

use std::alloc::{Layout, handle_alloc_error};
use std::ffi::{CStr, c_void};
use std::ptr::NonNull;

use nftnl_sys as sys;

/// libnftnl returns null only when memory has run out.
fn allocated<T>(pointer: *mut T) -> NonNull<T> {
    NonNull::new(pointer).unwrap_or_else(|| handle_alloc_error(Layout::new::<u64>()))
}

/// One object type of libnftnl: allocation and release.
macro_rules! object {
    ($(#[$doc:meta])* $name:ident($raw:ident), $alloc:ident, $free:ident) => {
        $(#[$doc])*
        pub struct $name(NonNull<sys::$raw>);

        impl $name {
            pub fn new() -> Self {
                // SAFETY: no arguments; the result is checked for null.
                Self(allocated(unsafe { sys::$alloc() }))
            }

            pub fn as_ptr(&self) -> *mut sys::$raw {
                self.0.as_ptr()
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                // SAFETY: the object is alive, and nothing refers to it any more.
                unsafe { sys::$free(self.0.as_ptr()) }
            }
        }
    };
}

/// A setter for bytes, which are copied.
macro_rules! set_data {
    ($name:ident, $set_data:ident) => {
        impl $name {
            pub fn set_data(&mut self, attribute: u32, data: &[u8]) {
                // SAFETY: the object is alive; exactly `data.len()` bytes are read and copied.
                unsafe {
                    sys::$set_data(
                        self.0.as_ptr(),
                        attribute as u16,
                        data.as_ptr().cast::<c_void>(),
                        data.len() as u32,
                    )
                };
            }
        }
    };
}

macro_rules! set_u32 {
    ($name:ident, $set_u32:ident) => {
        impl $name {
            pub fn set_u32(&mut self, attribute: u32, value: u32) {
                // SAFETY: the object is alive and ours alone.
                unsafe { sys::$set_u32(self.0.as_ptr(), attribute as u16, value) };
            }
        }
    };
}

/// A setter for strings, which are copied.
macro_rules! set_str {
    ($name:ident, $set_str:ident) => {
        impl $name {
            pub fn set_str(&mut self, attribute: u32, value: &CStr) {
                // SAFETY: the object is alive, the string ends in zero and is copied.
                unsafe { sys::$set_str(self.0.as_ptr(), attribute as u16, value.as_ptr()) };
            }
        }
    };
}

macro_rules! set_u64 {
    ($name:ident, $set_u64:ident) => {
        impl $name {
            pub fn set_u64(&mut self, attribute: u32, value: u64) {
                // SAFETY: the object is alive and ours alone.
                unsafe { sys::$set_u64(self.0.as_ptr(), attribute as u16, value) };
            }
        }
    };
}

object!(
    /// `struct nftnl_set`
    Set(nftnl_set), nftnl_set_alloc, nftnl_set_free
);
object!(
    /// `struct nftnl_set_elem`
    Element(nftnl_set_elem), nftnl_set_elem_alloc, nftnl_set_elem_free
);
set_u32!(Set, nftnl_set_set_u32);
set_u32!(Element, nftnl_set_elem_set_u32);
set_str!(Set, nftnl_set_set_str);
set_data!(Set, nftnl_set_set_data);
set_data!(Element, nftnl_set_elem_set);
set_u64!(Set, nftnl_set_set_u64);

impl Element {
    pub fn unset(&mut self, attribute: u32) {
        // SAFETY: the object is alive and ours alone.
        unsafe { sys::nftnl_set_elem_unset(self.0.as_ptr(), attribute as u16) };
    }
}
