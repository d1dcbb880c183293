/*!
Tells the linker how to make the release binary small; docs/size.md says what each is worth.

It is done here and not in `.cargo/config.toml` because a buildroot that sets RUSTFLAGS, as OpenWrt's does, hides the
flags there. Compilers that act as linker (gcc, clang) and linkers themselves (ld, lld) all take `-T` and `-z`.
*/

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Leaves out the unwind tables.
const SCRIPT: &str = "link/no-unwind-tables.ld";

/// Makes one of functions that came out the same. Only lld and gold know it.
const FOLD: &str = "-Wl,--icf=all";

fn main() {
    println!("cargo::rerun-if-changed={SCRIPT}");
    println!("cargo::rerun-if-changed=build.rs");
    let is = |variable: &str, value: &str| env::var(variable).is_ok_and(|v| v == value);
    // Debug builds do unwind.
    if !is("PROFILE", "release") || !is("CARGO_CFG_TARGET_OS", "linux") {
        return;
    }
    let folder = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    link_arg(&format!("-T{folder}/{SCRIPT}"));
    if is("CARGO_CFG_TARGET_ENV", "gnu") {
        // Relocations as a bitmap. A glibc before 2.36 says that it lacks them; a musl before 1.2.4 would start the
        // program without relocating it, and OpenWrt 22.03 has such a one.
        link_arg("-z");
        link_arg("pack-relative-relocs");
        if links_with(FOLD).unwrap_or(false) {
            link_arg(FOLD);
        }
    }
}

fn link_arg(arg: &str) {
    println!("cargo::rustc-link-arg-bins={arg}");
}

/// Links an empty program to see whether the linker knows the flag. `None` if that cannot even be tried.
fn links_with(flag: &str) -> Option<bool> {
    let folder = PathBuf::from(env::var_os("OUT_DIR")?);
    let source = folder.join("empty.rs");
    std::fs::write(&source, "fn main() {}").ok()?;
    let mut rustc = Command::new(env::var_os("RUSTC")?);
    rustc.args(["--target", &env::var("TARGET").ok()?, "--out-dir"]);
    rustc
        .arg(&folder)
        .arg(&source)
        .arg(format!("-Clink-arg={flag}"));
    if let Ok(linker) = env::var("RUSTC_LINKER") {
        rustc.arg(format!("-Clinker={linker}"));
    }
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    rustc.args(flags.split('\x1f').filter(|flag| !flag.is_empty()));
    let tried = rustc.stdout(Stdio::null()).stderr(Stdio::null()).status();
    Some(tried.ok()?.success())
}
