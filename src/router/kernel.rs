/*!
The kernel as a router root describes it.
*/

use std::path::{Path, PathBuf};

use super::root::Root;
use super::{KernelFacts, Refusal};
use crate::text;

/// `(major << 24) | (minor << 16) | patch` of a `/proc/version`, 0 if it does not say.
fn version(proc_version: &[u8]) -> u32 {
    let parse = || {
        let rest = proc_version.strip_prefix(b"Linux version ")?;
        let (major, rest) = digits(rest)?;
        let (minor, rest) = digits(rest.strip_prefix(b".")?)?;
        let patch = rest
            .strip_prefix(b".")
            .and_then(digits)
            .map_or(0, |(patch, _)| patch);
        // Only compared with older versions: one that does not fit is newer than all of them.
        u32::try_from((major << 24) | (minor << 16) | patch)
            .ok()
            .or(Some(u32::MAX))
    };
    parse().unwrap_or(0)
}

impl Root<'_> {
    /// As in [`super::Router::kernel`].
    pub fn kernel(self) -> u32 {
        version(&self.read_file("/proc/version").unwrap_or_default())
    }
}

fn digits(text: &[u8]) -> Option<(u64, &[u8])> {
    let end = text
        .iter()
        .position(|b| !b.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, rest) = text.split_at_checked(end)?;
    let number: u32 = std::str::from_utf8(number).ok()?.parse().ok()?;
    Some((u64::from(number), rest))
}

/// [`KernelFacts`] from the files of a router root: `kernel/hw-offload` names the devices that take a
/// hardware flowtable, one a line, and `kernel/flowtable` exists if the flowtable is loaded.
#[derive(Debug, Clone)]
pub struct SnapshotKernel {
    root: PathBuf,
}

impl SnapshotKernel {
    pub fn new(root: &Path) -> SnapshotKernel {
        SnapshotKernel {
            root: root.to_path_buf(),
        }
    }
}

impl KernelFacts for SnapshotKernel {
    fn accepts_hw_flowtable(&self, devices: &[String]) -> Result<(), Refusal> {
        let list = Root::new(&self.root)
            .read_file("kernel/hw-offload")
            .unwrap_or_default();
        let capable = text::decode(&list);
        let capable: Vec<&str> = capable
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        if devices.is_empty() {
            return Err(Refusal {
                device: None,
                reason: "a flowtable needs at least one device".to_owned(),
            });
        }
        match devices
            .iter()
            .find(|device| !capable.contains(&device.as_str()))
        {
            None => Ok(()),
            Some(device) => Err(Refusal {
                device: Some(device.clone()),
                reason: "the router root does not list it in kernel/hw-offload".to_owned(),
            }),
        }
    }

    fn has_flowtable(&self) -> bool {
        Root::new(&self.root).access("kernel/flowtable")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_is_read_from_the_banner() {
        assert_eq!(
            version(b"Linux version 6.6.93 (builder@x) ...\n"),
            6 << 24 | 6 << 16 | 93
        );
        assert_eq!(version(b"Linux version 5.15-rc1"), 5 << 24 | 15 << 16);
        assert_eq!(version(b"Linux version 300.1.2"), u32::MAX);
        for odd in [
            &b""[..],
            b"Linux version 6",
            b"Linux version 6.x",
            b" Linux version 6.6",
            b"Linux version .1",
        ] {
            assert_eq!(version(odd), 0);
        }
    }
}
