/*! Files of a router, and the whole way from them to a ruleset. */

use std::cell::OnceCell;
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

use ferrowall::apply::{self, Backend, Broken, Job, Prepared, Requester, prepare};
use ferrowall::lint::{Subject, lint};
use ferrowall::nft;
use ferrowall::router::SnapshotKernel;
use ferrowall::uci;

use crate::in_time;

thread_local! {
    static FOLDER: OnceCell<Folder> = const { OnceCell::new() };
}

/// A router root in memory, made once and filled anew for each input.
pub struct Folder(PathBuf);

impl Folder {
    pub fn with(work: impl FnOnce(&Folder)) {
        FOLDER.with(|folder| work(folder.get_or_init(Folder::new)));
    }

    fn new() -> Folder {
        let path = format!("/dev/shm/ferrowall-fuzz-{}", std::process::id());
        let folder = Folder(path.into());
        for below in [
            "etc/config",
            "ubus",
            "proc",
            "usr/share/firewall4",
            "tmp/.uci",
        ] {
            fs::create_dir_all(folder.0.join(below)).expect("a folder");
        }
        let helpers = include_bytes!("../../files/usr/share/firewall4/helpers");
        folder.write("usr/share/firewall4/helpers", helpers);
        folder.write("proc/version", b"Linux version 6.6.0 (fuzz)\n");
        folder.write(
            "ubus/network.interface-dump.json",
            include_bytes!("../interfaces.json"),
        );
        folder
    }

    pub fn write(&self, path: &str, bytes: &[u8]) {
        fs::write(self.0.join(path), bytes).expect("written");
    }

    fn path(&self) -> &Path {
        &self.0
    }

    /// All stages up to the text; `None` for a file that is no configuration.
    pub fn prepare(&self) -> Option<Prepared> {
        in_time(|| {
            let kernel = SnapshotKernel::new(&self.0);
            let prepared = prepare(&self.0, &kernel, Broken::Refuse).ok()?;
            assert!(!nft::print(&prepared.compiled.ruleset).is_empty());
            Some(prepared)
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // the next one would overwrite it
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A file of entries for a set of each kind.
pub fn loadfiles(bytes: &[u8]) {
    Folder::with(|folder| {
        folder.write("etc/config/firewall", include_bytes!("../loadfiles.uci"));
        folder.write("etc/entries", bytes);
        folder.prepare();
    });
}

/// What `check` has to say, each finding in its place.
fn look_through(bytes: &[u8], prepared: &Prepared) {
    let Ok(package) = uci::parse(bytes, "firewall", Path::new("firewall")) else {
        return;
    };
    let zones = &prepared.compiled.zones;
    let subject = Subject::new(&package, &prepared.firewall, zones, &prepared.router);
    for finding in lint(&subject).iter() {
        assert!(finding.span.is_some(), "{finding:?}");
    }
}

/// One in so many rulesets is shown to nft: it takes as long as hundreds of inputs.
const SHOWN_TO_NFT: u64 = 16;

/// A configuration to a ruleset, and through `nft -c` with what nft does not take left out. Which ones go that far
/// depends on nothing but the bytes, so that a finding can be found again.
pub fn pipeline(bytes: &[u8]) {
    Folder::with(|folder| {
        folder.write("etc/config/firewall", bytes);
        let Some(prepared) = folder.prepare() else {
            return;
        };
        in_time(|| look_through(bytes, &prepared));
        let mut hash = DefaultHasher::new();
        hash.write(bytes);
        if !prepared.firewall.zones.is_empty() && hash.finish() % SHOWN_TO_NFT == 0 {
            let job = Job {
                root: folder.path().to_path_buf(),
                backend: Backend::Nft,
                echo: false,
                requested_by: Requester::Cli,
            };
            let checked = apply::check(&job, &SnapshotKernel::new(folder.path()));
            // It is refused or it is not; either way there is something to say and no more than a few lines of it.
            if let Ok(checked) = checked {
                assert!(checked.refused.is_none_or(|why| !why.is_empty()));
            }
        }
    });
}
