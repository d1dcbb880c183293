/*! What a `config rule` becomes. */

use crate::compile::testing::compiled;

fn rule(options: &str) -> String {
    let lines: Vec<String> = options
        .split(';')
        .map(|option| match option.trim().split_once('=') {
            Some((name, value)) => format!("\toption {name} '{value}'\n"),
            None => String::new(),
        })
        .collect();
    format!("config rule\n\toption name r\n{}", lines.concat())
}

#[test]
fn icmp_types_with_codes_part_from_those_without_in_each_family() {
    let text = "config rule\n\toption name r\n\toption src wan\n\toption proto icmp\n\
        \tlist icmp_type echo-request\n\tlist icmp_type 3/1\n\
        \tlist icmp_type neighbour-solicitation\n\toption target ACCEPT\n";
    assert_eq!(
        compiled(text).named("input_wan", "r"),
        [
            "meta nfproto ipv4 icmp type 8 counter accept",
            "meta nfproto ipv4 icmp type . icmp code { 3 . 1 } counter accept",
            "meta nfproto ipv6 icmpv6 type 128 counter accept",
            "meta nfproto ipv6 icmpv6 type . icmpv6 code { 3 . 1, 135 . 0 } counter accept",
        ]
    );
}

#[test]
fn a_rule_for_icmp_without_family_covers_both() {
    let rules = compiled(&rule("src=wan;proto=icmp;target=DROP"));
    let both = "meta l4proto { \"icmp\", \"ipv6-icmp\" } counter drop";
    assert_eq!(rules.named("input_wan", "r"), [both]);
}

#[test]
fn each_odd_mask_gets_a_rule_of_its_own() {
    let text = "config rule\n\toption name r\n\toption src wan\n\toption proto all\n\
        \tlist src_ip '10.0.0.1/255.0.0.255'\n\tlist src_ip '10.1.0.0/16'\n\
        \tlist src_ip '!10.1.1.0/24'\n\toption target DROP\n";
    assert_eq!(
        compiled(text).named("input_wan", "r"),
        [
            "ip saddr != 10.1.1.0/24 ip saddr & 255.0.0.255 == 10.0.0.1 counter drop",
            "ip saddr 10.1.0.0/16 ip saddr != 10.1.1.0/24 counter drop",
        ]
    );
}

#[test]
fn a_verdict_on_forwarded_packets_is_given_by_the_destination_zone() {
    let rules = compiled(&rule("src=wan;dest=lan;proto=esp;target=DROP"));
    let to_lan = "meta l4proto esp counter jump drop_to_lan";
    assert_eq!(rules.named("forward_wan", "r"), [to_lan]);
    assert_eq!(
        rules.chain("drop_to_lan"),
        ["oifname \"br-lan\" counter drop comment \"!fw4: drop lan IPv4/IPv6 traffic\""]
    );
}

#[test]
fn refused_packets_of_a_zone_that_logs_take_the_way_through_its_chain() {
    let zone = "config zone\n\toption name dmz\n\toption device eth5\n\toption log 1\n\
        \toption log_limit 3/minute\n";
    let text = format!("{zone}{}", rule("src=dmz;proto=udp;target=REJECT"));
    let rules = compiled(&text);
    let from_dmz = "meta l4proto udp counter jump reject_from_dmz";
    assert_eq!(rules.named("input_dmz", "r"), [from_dmz]);
    assert_eq!(
        rules.chain("reject_from_dmz"),
        [
            "iifname \"eth5\" limit name \"dmz.log_limit\" log prefix \"reject dmz in: \"",
            "iifname \"eth5\" counter jump handle_reject \
             comment \"!fw4: reject dmz IPv4/IPv6 traffic\"",
        ]
    );
}

#[test]
fn marks_are_set_where_the_ends_that_are_given_are_known() {
    for (ends, chain) in [
        ("src=lan;dest=wan", "mangle_forward"),
        ("src=*;dest=*", "mangle_forward"),
        ("src=*;dest=wan", "mangle_postrouting"),
        ("src=lan;dest=*", "mangle_prerouting"),
        ("src=lan", "mangle_input"),
        ("dest=lan", "mangle_output"),
        ("mark=1", "mangle_output"),
    ] {
        let rules = compiled(&rule(&format!(
            "{ends};proto=all;target=MARK;set_mark=0x10/0xff"
        )));
        assert_eq!(rules.named(chain, "r").len(), 1, "{ends}");
    }
    let rules = compiled(&rule(
        "src=lan;dest=wan;proto=all;target=MARK;set_xmark=0x10/0xff",
    ));
    assert_eq!(
        rules.named("mangle_forward", "r"),
        ["iifname \"br-lan\" oifname \"pppoe-wan\" counter \
          meta mark set mark and 0xffffff00 xor 0x10"]
    );
}

#[test]
fn dscp_is_set_family_by_family() {
    let rules = compiled(&rule("src=lan;dest=wan;proto=all;target=DSCP;set_dscp=EF"));
    assert_eq!(
        rules.named("mangle_forward", "r"),
        [4, 6].map(|family| format!(
            "meta nfproto ipv{family} iifname \"br-lan\" oifname \"pppoe-wan\" counter \
             {} dscp set 0x2e",
            if family == 4 { "ip" } else { "ip6" }
        ))
    );
}

#[test]
fn a_limit_on_logging_makes_two_rules_of_one() {
    let rules = compiled(&rule("src=wan;proto=all;target=DROP;log=x;log_limit=1/s"));
    let both = [
        "limit rate 1/second log prefix \"x\"",
        "counter drop comment \"!fw4: r\"",
    ];
    assert_eq!(rules.chain("input_wan")[..2], both);
    let rules = compiled(&rule("src=wan;proto=all;target=DROP;log=1"));
    assert_eq!(
        rules.named("input_wan", "r"),
        ["counter log prefix \"r: \" drop"]
    );
}

#[test]
fn from_anywhere_the_destinations_limit_holds_for_logging() {
    let zone = "config zone\n\toption name dmz\n\toption device eth5\n\
        \toption log_limit 3/minute\n";
    let text = rule("src=*;dest=dmz;proto=all;target=ACCEPT;log=1");
    let rules = compiled(&format!("{zone}{text}"));
    let logged = "limit name \"dmz.log_limit\" log prefix \"r: \"";
    assert!(rules.chain("forward").iter().any(|line| line == logged));
}

#[test]
fn a_contradiction_of_families_skips_the_protocol_with_fw4s_words() {
    let rules = compiled(&rule(
        "src=wan;proto=icmp ipv6-icmp;src_ip=10.0.0.1;target=DROP",
    ));
    assert_eq!(rules.named("input_wan", "r").len(), 1);
    assert_eq!(
        rules.warnings(),
        [
            "[!] Section @rule[0] (r) is restricted to IPv6 but referenced source IP \
          is IPv4 only, skipping"
        ]
    );
}

#[test]
fn destination_macs_cannot_be_looked_up() {
    let set = "config ipset\n\toption name hosts\n\toption match mac\n";
    let text = rule("src=lan;proto=all;ipset=hosts dst;target=DROP");
    let rules = compiled(&format!("{set}{text}"));
    assert!(rules.named("input_lan", "r").is_empty());
    let warning = "[!] Section @rule[0] (r) destination MAC address matching not supported";
    assert_eq!(rules.warnings(), [warning]);
    let text = rule("src=lan;proto=all;ipset=!hosts;target=DROP");
    let rules = compiled(&format!("{set}{text}"));
    assert_eq!(
        rules.named("input_lan", "r"),
        ["meta nfproto ipv4 ether saddr != @hosts counter drop"]
    );
}

#[test]
fn a_set_with_ports_is_looked_up_with_the_rules_protocol() {
    let set = "config ipset\n\toption name hosts\n\tlist match src_ip\n\tlist match dst_port\n";
    let text = rule("src=lan;proto=tcpudp;ipset=hosts;target=DROP");
    let rules = compiled(&format!("{set}{text}"));
    assert_eq!(
        rules.named("input_lan", "r"),
        [
            "meta nfproto ipv4 meta l4proto tcp ip saddr . tcp dport @hosts counter drop",
            "meta nfproto ipv4 meta l4proto udp ip saddr . udp dport @hosts counter drop",
        ]
    );
}

#[test]
fn helpers_are_assigned_by_the_source_zone() {
    let text = rule("src=wan;proto=tcp;dest_port=2121;target=HELPER;set_helper=ftp");
    let rules = compiled(&text);
    assert_eq!(
        rules.named("helper_wan", "r"),
        ["tcp dport 2121 counter ct helper set \"ftp\""]
    );
    assert!(
        rules
            .chain("prerouting")
            .iter()
            .any(|line| line.contains("jump helper_wan"))
    );
}
