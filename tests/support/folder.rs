/*! A temporary folder of a test's own. */

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

/// Not named by process: in a namespace of its own every test is process 1 or 2, in every run on the machine.
pub fn folder_of_its_own(name: &str) -> PathBuf {
    let path = |n| std::env::temp_dir().join(format!("ferrowall-{name}-{n}"));
    (0u32..)
        .map(path)
        .find(|path| match fs::create_dir(path) {
            Ok(()) => true,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
            Err(error) => panic!("{}: {error}", path.display()),
        })
        .expect("a free name")
}
