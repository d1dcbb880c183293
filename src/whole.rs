//! Files read whole.

use std::fs::File;
use std::io;

use rustix::buffer::spare_capacity;
use rustix::io::Errno;

/// What a file that claims less is tried with.
const UNKNOWN: u64 = 256;

/// What is in a file; of one that is longer than `most` a part that is longer too. `claimed` is how long it says it is: one
/// that holds as much is not asked again whether there is more. Files of sysfs claim a page, those of procfs nothing.
///
/// # Errors
/// Of read(2).
pub fn read(file: &File, claimed: u64, most: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::with_capacity(claimed.max(UNKNOWN).min(most) as usize + 1);
    while content.len() as u64 <= most {
        content.reserve(1);
        let room = content.capacity() - content.len();
        match rustix::io::read(file, spare_capacity(&mut content)) {
            Ok(0) => break,
            Ok(got) if got < room && content.len() as u64 == claimed => break,
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{MemfdFlags, memfd_create};
    use std::io::{Seek, Write};

    #[test]
    fn all_of_a_file_is_read_whatever_it_claims() {
        let memory = memfd_create("file", MemfdFlags::empty());
        let mut file = File::from(memory.expect("a file"));
        let text: Vec<u8> = (0..100_000_u32).map(|n| n as u8).collect();
        for length in [0, 1, 255, 256, 257, 4096, 100_000] {
            let text = &text[..length];
            file.set_len(0)
                .and_then(|()| file.rewind())
                .expect("a file");
            file.write_all(text).expect("a file");
            for claimed in [0, 1, length as u64, length as u64 + 1, 1 << 20] {
                file.rewind().expect("a file");
                assert!(read(&file, claimed, 1 << 20).expect("content") == text);
            }
            file.rewind().expect("a file");
            let cut = read(&file, length as u64, 1000).expect("content");
            assert!(cut.len() == length || cut.len() > 1000);
        }
        let processor = File::open("/proc/self/status").expect("procfs");
        let status = read(&processor, 0, 1 << 20).expect("content");
        assert!(status.starts_with(b"Name:") && status.ends_with(b"\n"));
    }
}
