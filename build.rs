/*!
Leaves the unwind tables out of the release binary; docs/size.md says what that is worth.

It is done here and not in `.cargo/config.toml` because a buildroot that sets RUSTFLAGS, as OpenWrt's does, hides the
flags there. Compilers that act as linker (gcc, clang) and linkers themselves (ld, lld) all take `-T`.
*/

use std::env;

const SCRIPT: &str = "link/no-unwind-tables.ld";

fn main() {
    println!("cargo::rerun-if-changed={SCRIPT}");
    let is = |variable: &str, value: &str| env::var(variable).is_ok_and(|v| v == value);
    // Debug builds do unwind.
    if is("PROFILE", "release") && is("CARGO_CFG_TARGET_OS", "linux") {
        let folder = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
        println!("cargo::rustc-link-arg-bins=-T{folder}/{SCRIPT}");
    }
}
