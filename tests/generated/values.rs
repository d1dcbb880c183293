/*! What options may say: values that fit, values that nearly do, and values made to break out. */

use super::random::Random;

/// What an option wants.
#[derive(Clone, Copy)]
pub enum Kind {
    Bool,
    Policy,
    Target,
    RejectCode,
    Family,
    Proto,
    Network,
    Port,
    Mac,
    Icmp,
    Limit,
    Number,
    Date,
    Time,
    Days,
    MonthDays,
    Mark,
    Dscp,
    Zone,
    Interface,
    Device,
    Helper,
    SetUse,
    SetName,
    SetType,
    Entry,
    Direction,
    Reflection,
    Text,
    Path,
    IncludeType,
    Position,
    Chain,
}

use Kind::*;

/// Files that the router of these tests has: sets, scripts, and raw nft that says something or nothing.
pub const FILES: [(&str, &str); 5] = [
    (
        "/etc/sets/hosts",
        "# hosts\n192.0.2.7\n\nnonsense\n2001:db8::7\n",
    ),
    ("/etc/sets/odd", "\"; flush ruleset; #\n192.0.2.9\n}\n"),
    ("/etc/inc/script", ":\n"),
    ("/etc/inc/empty.nft", "# nothing\n\n"),
    ("/etc/inc/chain.nft", "chain included {\n\tcounter\n}\n"),
];

fn fitting(kind: Kind) -> &'static [&'static str] {
    match kind {
        Bool => &["0", "1", "yes", "off"],
        Policy => &["ACCEPT", "REJECT", "DROP", "acc"],
        Target => &[
            "ACCEPT",
            "REJECT",
            "DROP",
            "NOTRACK",
            "HELPER",
            "MARK",
            "DSCP",
            "DNAT",
            "SNAT",
            "MASQUERADE",
        ],
        RejectCode => &["tcp-reset", "port-unreachable", "no-route", "admin"],
        Family => &["any", "ipv4", "ipv6"],
        Proto => &[
            "tcp", "udp", "tcpudp", "icmp", "icmpv6", "all", "gre", "47", "!udp", "tcp udp",
        ],
        Network => &[
            "192.0.2.1",
            "192.0.2.0/24",
            "!198.51.100.0/25",
            "2001:db8::/32",
            "2001:db8::1",
            "192.0.2.1-192.0.2.9",
            "10.0.0.1/255.0.255.0",
            "::1/::ffff",
            "lan",
            "!wan",
            "0.0.0.0/0",
        ],
        Port => &["80", "8000-8080", "1:1024", "!53", "0", "65535"],
        Mac => &["00:11:22:33:44:55", "!0:1:2:3:4:5", "aa-bb-cc-dd-ee-ff"],
        Icmp => &[
            "echo-request",
            "8/0",
            "destination-unreachable",
            "router-solicitation",
            "any",
            "3",
        ],
        Limit => &["10/second", "5/minute", "!3/hour", "1/day", "25"],
        Number => &["1", "5", "100", "0", "0x10"],
        Date => &["2026-01-31", "2027", "2026-06-01T12:30:00", "2037-12-31"],
        Time => &["00:00:00", "12:30", "23:59:59", "7"],
        Days => &["Mon", "sat sun", "!Tuesday", "mon tue wed thu fri sat sun"],
        MonthDays => &["1 15 31", "!5"],
        Mark => &[
            "0x1",
            "0x10/0xf0",
            "!1",
            "0/0xff",
            "0xff/0xff",
            "0xfc000000/0x1000000",
        ],
        Dscp => &["CS1", "AF41", "EF", "!BE", "46"],
        Zone => &["lan", "wan", "dmz", "*"],
        Interface => &["lan", "wan", "lan wan", "none"],
        Device => &["eth0", "eth*", "wg+", "!eth9", "*", "br-lan.1", "fe0"],
        Helper => &["ftp", "!sip", "sip"],
        SetUse => &["hosts", "!hosts", "hosts src", "pairs src dest", "nets dst"],
        SetName => &["hosts", "pairs", "nets", "a.b-c"],
        SetType => &[
            "src_ip",
            "ip",
            "net",
            "src_net dest_port",
            "mac",
            "dest_mac port",
            "port",
        ],
        Entry => &[
            "192.0.2.1",
            "192.0.2.0/24",
            "192.0.2.1 80",
            "00:11:22:33:44:55",
            "443",
            "2001:db8::1",
        ],
        Direction => &["in", "out"],
        Reflection => &["internal", "external"],
        Text => &["Allow-Ping", "two words", "50%", "Büro", "-"],
        Path => &[
            "/etc/sets/hosts",
            "/etc/sets/odd",
            "/etc/inc/script",
            "/etc/inc/empty.nft",
            "/etc/inc/chain.nft",
            "/etc/none",
        ],
        IncludeType => &["script", "nftables"],
        Position => &[
            "ruleset-pre",
            "ruleset-post",
            "table-pre",
            "table-post",
            "chain-pre",
            "chain-post",
        ],
        Chain => &["input", "forward_lan", "dstnat", "mangle_output", "none"],
    }
}

fn odd(kind: Kind) -> &'static [&'static str] {
    match kind {
        Port => &["80-", "65536", "9-3", "0x50", "http"],
        Network => &[
            "1.2.3",
            "1.2.3.4/33",
            "1.2.3.4/-8",
            "::1/129",
            "1.2.3.4-::1",
            "lan/24",
            "0.0.0.0/0.0.0.1",
        ],
        Number | Limit => &[
            "-1",
            "5.5",
            "1e400",
            "99999999999999999999",
            "0/second",
            "10/fortnight",
            "nan",
        ],
        Date => &["2026-13-01", "1969", "2026-02-31", "2026-1-1T24"],
        Time => &["24", "12:60", "noon"],
        Proto => &[
            "0", "256", "none", "!", "tcp,udp", "1-255", "ip", "accept", "TCP/UDP",
        ],
        Zone | Text | SetName | Chain => {
            &["", " ", "drop", "ip", "0lan", ".x", "set", "comment", "x/y"]
        }
        Device => &[
            "a+b",
            "eth0 eth1",
            "/",
            "..",
            "averyveryverylongname0",
            "!",
            "+",
            "!*",
            "10-20",
            "3 . 4",
        ],
        Icmp => &["256", "8/256", "8/", "Echo-Request"],
        Mark => &["0x1ffffffff", "x", "1/", "/1"],
        _ => &["", " ", "!", "-1", "1,2", "0x", "*", "!!x"],
    }
}

/// Each would be a rule, a chain, a table or the end of one, wherever it is read as nft's language.
pub const HOSTILE: [&[u8]; 26] = [
    b"\"; add rule inet fw4 input accept; #",
    b"x\" accept comment \"y",
    b"x\"\n}\n}\ntable inet evil { chain c { accept; }; }\n#",
    b"ab\naccept\nab",
    b"fe\"\n\t\taccept\nfe",
    b"fe\n}\nchain evil {\naccept",
    b"gre accept #",
    b"tcp accept; add table inet evil",
    b"47 counter accept comment x",
    b"lan } ; chain evil { accept",
    b"$lan_devices",
    b"\\",
    b"\\\"; accept; #",
    b"x\\\ny",
    b"}",
    b"{",
    b";",
    b"#",
    b"'",
    b"@hosts",
    b"x\rflush ruleset\r",
    b"%s%n%d%5$s",
    b"B\xfcro",
    b"\xff\xfe\x80",
    b"\x01\x7f\t",
    b"include \"/etc/passwd\"",
];

/// A value that fits.
pub fn first(kind: Kind) -> &'static str {
    fitting(kind)[0]
}

/// One value, mostly one that fits.
pub fn value(random: &mut Random, kind: Kind) -> Vec<u8> {
    match random.below(100) {
        0..78 => random.pick(fitting(kind)).as_bytes().to_vec(),
        78..88 => random.pick(odd(kind)).as_bytes().to_vec(),
        88..97 => random.pick(&HOSTILE).to_vec(),
        97 => random
            .pick(&["x", "\"", "ä", "fe:"])
            .repeat(300)
            .into_bytes(),
        // what fits, with something behind it
        _ => [random.pick(fitting(kind)).as_bytes(), random.pick(&HOSTILE)].concat(),
    }
}
