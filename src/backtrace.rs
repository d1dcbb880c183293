/*!
The release binary prints no backtraces, and does not carry what it would take to print them.

The standard library's panic hook can name the functions on the stack, from debug information: a DWARF reader,
a decompressor, a demangler, 200 KB in all. The binary is stripped and has no debug information, so the answer
would be a list of `<unknown>`. The hook walks the stack with libgcc's `_Unwind_Backtrace` (Itanium C++ ABI, level II).
The function of that name below takes its place when everything is linked into one (`lto` in Cargo.toml);
it never calls back, and the optimizer drops what can no longer be called. A panic still says what went wrong
and where, and aborts.

Without tables there is nothing to unwind by either, and a panic aborts. So the other functions of libgcc_s that the
standard library refers to can never be called; with them defined here the program does not need that library, whose
loading took a quarter of a millisecond, as long as reading the default configuration. (ARM's own unwinder has others.)
*/

use std::ffi::{c_int, c_void};

/// `_URC_END_OF_STACK`: there is nothing more to see.
const END_OF_STACK: c_int = 5;

// A symbol is to be replaced: that is unsafe because the linker does not check that it has the right type.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Backtrace(_step: *const c_void, _argument: *mut c_void) -> c_int {
    END_OF_STACK
}

macro_rules! never_called {
    ($($name:ident)*) => {$(
        #[cfg(not(target_arch = "arm"))]
        // for the same reason
        #[allow(unsafe_code)]
        #[unsafe(no_mangle)]
        extern "C" fn $name() -> ! {
            std::process::abort()
        }
    )*};
}

never_called! {
    _Unwind_GetDataRelBase _Unwind_GetIPInfo _Unwind_GetLanguageSpecificData _Unwind_GetRegionStart
    _Unwind_GetTextRelBase _Unwind_Resume _Unwind_SetGR _Unwind_SetIP
}
