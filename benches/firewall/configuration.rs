//! The configurations that are measured, each in a router root of its own.

use std::fs;
use std::path::{Path, PathBuf};

/// What kind of rules there are: they cost the kernel very differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Default,
    /// Rules without sets.
    Plain,
    /// Each rule with an anonymous set, as several ports make one.
    Sets,
    /// Half of each kind, and redirects with reflection.
    Mixed,
    /// One named set with very many networks.
    Networks,
    /// One named set with very many addresses.
    Addresses,
}

impl Kind {
    /// As in the CSV.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Default => "default",
            Kind::Plain => "plain",
            Kind::Sets => "sets",
            Kind::Mixed => "mixed",
            Kind::Networks => "networks",
            Kind::Addresses => "addresses",
        }
    }
}

/// A configuration, and the folder that is its router for as long as this lives.
pub struct Configuration {
    pub kind: Kind,
    /// Rules, or elements.
    pub size: usize,
    pub title: String,
    root: PathBuf,
    text: String,
}

const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");
const CONFIG: &str = "etc/config/firewall";
const LOADFILE: &str = "etc/networks.txt";

impl Configuration {
    /// As it comes with the package.
    pub fn default_one() -> Configuration {
        Configuration::new(Kind::Default, 0, "the default configuration".into(), "")
    }

    /// The default with so many rules more, none of which needs a set.
    pub fn plain(rules: usize) -> Configuration {
        let title = format!("{rules} plain rules");
        let text: String = (0..rules).map(plain_rule).collect();
        Configuration::new(Kind::Plain, rules, title, &text)
    }

    /// The default with so many rules more, each with several ports.
    pub fn with_sets(rules: usize) -> Configuration {
        let title = format!("{rules} rules with a set each");
        let text: String = (0..rules).map(rule_with_ports).collect();
        Configuration::new(Kind::Sets, rules, title, &text)
    }

    pub fn mixed(rules: usize, redirects: usize) -> Configuration {
        let title = format!("{rules} rules, half with sets, and {redirects} redirects");
        let mut text = String::new();
        for i in 0..rules {
            text += &if i % 2 == 0 {
                plain_rule(i)
            } else {
                rule_with_ports(i)
            };
        }
        text.extend((0..redirects).map(redirect));
        Configuration::new(Kind::Mixed, rules, title, &text)
    }

    /// One set of so many networks that do not touch each other, from a file.
    pub fn networks(size: usize) -> Configuration {
        let title = format!("a set of {size} networks");
        let made = Configuration::with_file(Kind::Networks, "dest_net", size, title);
        let networks = (0..size).map(|i| address((16 << 24) + (i << 9)) + "/25\n");
        made.write(LOADFILE, networks.collect::<String>());
        made
    }

    /// One set of so many addresses, from a file.
    pub fn addresses(size: usize) -> Configuration {
        let title = format!("a set of {size} addresses");
        let made = Configuration::with_file(Kind::Addresses, "dest_ip", size, title);
        made.write(LOADFILE, addresses(size, 0));
        made
    }

    fn with_file(kind: Kind, what: &str, size: usize, title: String) -> Configuration {
        let text = format!(
            "\nconfig ipset\n\toption name 'many'\n\toption match '{what}'\n\toption family 'ipv4'\n\
             \toption loadfile '/{LOADFILE}'\n\
             \nconfig rule\n\toption name 'many'\n\toption src 'lan'\n\toption dest 'wan'\n\
             \toption ipset 'many'\n\toption target 'REJECT'\n"
        );
        Configuration::new(kind, size, title, &text)
    }

    fn new(kind: Kind, size: usize, title: String, more: &str) -> Configuration {
        let folder = format!("ferrowall-bench-{}-{size}-{}", kind.name(), unique());
        // On a router the run files are in memory.
        let memory = Path::new("/dev/shm");
        let root = match memory.is_dir() {
            true => memory.join(folder),
            false => std::env::temp_dir().join(folder),
        };
        let shipped = |path: &str| {
            fs::read_to_string(Path::new(REPOSITORY).join("files").join(path))
                .unwrap_or_else(|e| panic!("files/{path}: {e}"))
        };
        let made = Configuration {
            kind,
            size,
            title,
            root,
            text: shipped(CONFIG) + more,
        };
        let interface = |name: &str, device: &str, address: &str| {
            format!(
                r#"{{"interface":"{name}","up":true,"proto":"static","device":"{device}","l3_device":"{device}",
                    "ipv4-address":[{{"address":"{address}","mask":24}}],"data":{{}}}}"#
            )
        };
        let interfaces = [
            interface("lan", "lan0", "192.168.1.1"),
            interface("wan", "wan0", "203.0.113.1"),
        ];
        let dump = format!(r#"{{"interface":[{}]}}"#, interfaces.join(","));
        made.write("ubus/network.interface-dump.json", &dump);
        made.write("ubus/network.device-status.json", "{}");
        made.write("ubus/service-get_data.json", "{}");
        made.write("proc/version", "Linux version 6.6.0 (bench)\n");
        made.write("sys/class/net/lan0/flags", "0x1003\n");
        made.write("sys/class/net/wan0/flags", "0x1003\n");
        for path in [
            "usr/share/firewall4/helpers",
            "etc/nftables.d/10-custom-filter-chains.nft",
        ] {
            made.write(path, shipped(path));
        }
        made.take_it_back();
        made
    }

    /// Kind and size, for `BENCH_ONLY`.
    pub fn label(&self) -> String {
        format!("{}-{}", self.kind.name(), self.size)
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What [`Configuration::change`] does.
    pub fn changes(&self) -> &'static str {
        match self.kind {
            Kind::Addresses => "ten addresses changed",
            _ => "one rule more",
        }
    }

    /// Changes the configuration a little.
    pub fn change(&self) {
        if self.kind == Kind::Addresses {
            self.write(LOADFILE, addresses(self.size, 10));
            return;
        }
        let more = ways(7) + "\toption dest_port '7'\n";
        self.write(CONFIG, self.text.clone() + &more);
    }

    pub fn take_it_back(&self) {
        self.write(CONFIG, &self.text);
        if self.kind == Kind::Addresses {
            self.write(LOADFILE, addresses(self.size, 0));
        }
    }

    /// Writes a file of the router.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is made");
        fs::write(&path, text).expect("the file is written");
        path
    }
}

impl Drop for Configuration {
    fn drop(&mut self) {
        // Whatever cannot be removed is in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// Several configurations of one kind and size may live at once, and several runs of this program.
fn unique() -> String {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let time = std::time::UNIX_EPOCH.elapsed().expect("a clock");
    format!(
        "{:x}-{}",
        time.as_nanos(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    )
}

/// So many addresses, so many of them others than usual, here and there.
fn addresses(size: usize, changed: usize) -> String {
    let step = size / changed.max(1);
    let one = |i: usize| {
        let other = changed > 0 && i.is_multiple_of(step);
        address((16 << 24) + 5 * i + usize::from(other)) + "\n"
    };
    (0..size).map(one).collect()
}

fn address(number: usize) -> String {
    std::net::Ipv4Addr::from_bits(number as u32).to_string()
}

/// Between which zones, and what becomes of it: not all rules in one chain.
fn ways(i: usize) -> String {
    let (src, dest) = if i.is_multiple_of(2) {
        ("lan", "wan")
    } else {
        ("wan", "lan")
    };
    let target = ["ACCEPT", "REJECT", "DROP"][i % 3];
    format!(
        "\nconfig rule\n\toption name 'rule {i}'\n\toption src '{src}'\n\toption dest '{dest}'\n\
         \toption proto 'tcp'\n\toption target '{target}'\n\toption src_ip '10.{}.{}.7'\n",
        i >> 8 & 255,
        i & 255
    )
}

fn plain_rule(i: usize) -> String {
    format!("{}\toption dest_port '{}'\n", ways(i), 1024 + i)
}

fn rule_with_ports(i: usize) -> String {
    format!("{}\toption dest_port '80 443 {}'\n", ways(i), 1024 + i)
}

fn redirect(i: usize) -> String {
    format!(
        "\nconfig redirect\n\toption name 'redirect {i}'\n\toption src 'wan'\n\toption dest 'lan'\n\
         \toption proto 'tcp'\n\toption src_dport '{}'\n\toption dest_ip '192.168.1.{}'\n\
         \toption dest_port '{}'\n\toption target 'DNAT'\n",
        20_000 + i,
        2 + i % 250,
        8000 + i % 7
    )
}
