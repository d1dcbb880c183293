//! Finding files, and what can be wrong with them as files.

use std::fs;
use std::path::{Path, PathBuf};

use ferrowall::uci::{Directories, Error, Package, load, parse};

use crate::changes::BASE;
use crate::support::{read, show};

/// A folder for files of one test, gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("ferrowall-uci-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        for folder in ["etc/config", "var/run/uci", "tmp/.uci"] {
            fs::create_dir_all(path.join(folder)).unwrap();
        }
        Folder(path)
    }

    fn write(&self, file: &str, content: impl AsRef<[u8]>) -> &Self {
        fs::write(self.0.join(file), content).unwrap();
        self
    }

    fn load(&self) -> Result<Package<'static>, Error> {
        load(&Directories::below(&self.0), "firewall")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_configuration_is_loaded_with_its_changes() {
    let folder = Folder::new("changes");
    folder.write("etc/config/firewall", BASE);
    assert_eq!(show(&folder.load().unwrap()), show(&read(BASE)));
    folder.write("tmp/.uci/firewall", "-firewall.wan\n");
    assert_eq!(
        show(&folder.load().unwrap()),
        "defaults {input=REJECT}, rule {src=wan}"
    );
    folder.write("var/run/uci/firewall", "config zone wan\nconfig rule\n");
    assert_eq!(show(&folder.load().unwrap()), "rule {}");
}

#[test]
fn an_option_renamed_to_a_name_that_is_taken_gives_it_its_value() {
    let folder = Folder::new("rename");
    folder.write(
        "etc/config/firewall",
        "config rule r\noption a 1\noption b 2\noption c 3\n",
    );
    folder.write("tmp/.uci/firewall", "@firewall.r.c='a'\n");
    assert_eq!(show(&folder.load().unwrap()), "rule r{a=3 b=2}");
}

#[test]
fn what_cannot_be_loaded_says_why() {
    let folder = Folder::new("errors");
    assert!(matches!(folder.load(), Err(Error::Missing { .. })));
    fs::create_dir(folder.0.join("etc/config/firewall")).unwrap();
    assert!(matches!(folder.load(), Err(Error::NotAFile { .. })));
    fs::remove_dir(folder.0.join("etc/config/firewall")).unwrap();
    folder.write("etc/config/firewall", "config\n");
    assert!(matches!(folder.load(), Err(Error::Syntax(_))));
    fs::File::create(folder.0.join("etc/config/firewall"))
        .unwrap()
        .set_len((16 << 20) + 1)
        .unwrap();
    assert!(matches!(
        folder.load(),
        Err(Error::TooLarge {
            size: 16_777_217,
            ..
        })
    ));
    for name in ["", "../passwd", "/etc/passwd", "fire wall"] {
        let error = load(&Directories::below(&folder.0), name);
        assert!(matches!(error, Err(Error::BadName { .. })), "{name}");
    }
}

/// The cases that libuci refuses: one made for it, the others as somebody really published them.
const BROKEN: [&str; 5] = [
    "130-onebox",
    "155-wrt-travel-router",
    "252-document-snippet",
    "253-document-snippet",
    "340-uci-rejected",
];

#[test]
fn the_configurations_of_the_conformance_suite_load() {
    let suite = std::env::var_os("FERROWALL_CONFORMANCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance"),
        PathBuf::from,
    );
    let Ok(cases) = fs::read_dir(suite.join("cases")) else {
        eprintln!("skipped: no conformance suite at {}", suite.display());
        return;
    };
    let mut loaded = 0;
    for case in cases.map(|case| case.unwrap().path()) {
        let bytes = fs::read(case.join("firewall")).unwrap();
        let package = parse(&bytes, "firewall", &case.join("firewall"));
        let broken = BROKEN.iter().any(|name| case.ends_with(name));
        assert_eq!(package.is_err(), broken, "{}: {package:?}", case.display());
        loaded += 1;
    }
    assert!(loaded > 0, "the suite has no cases");
}
