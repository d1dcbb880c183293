/*! Questions to the live kernel that change nothing. The kernel of the test machine may lack flowtables. */

use ferrowall::netlink::{Kernel, Socket, has_flowtables, probe};
use ferrowall::router::KernelFacts;
use ferrowall::ruleset::{FLOWTABLE, Flowtable, Ruleset};

use crate::support::{here, in_namespace, load, sh};

/// What nft thinks of a flowtable with this in it.
fn nft_takes(body: &str) -> bool {
    let text =
        format!("table inet probe {{ flowtable ft {{ hook ingress priority 0; {body}; }}; }}");
    sh(&format!(
        "nft -c '{text}' 2>/dev/null && echo yes || echo no"
    ))
    .trim()
        == "yes"
}

#[test]
fn the_kernel_says_the_same_of_flowtables_to_us_and_to_nft() {
    in_namespace(
        "kernel_facts::the_kernel_says_the_same_of_flowtables_to_us_and_to_nft",
        || {
            sh("ip link add d0 type veth peer name d1");
            let mut socket = Socket::open().expect("a socket");
            let counter = "counter";
            assert_eq!(has_flowtables(&mut socket), nft_takes(counter));
            let software = Flowtable {
                devices: vec!["d0".to_owned()],
                hardware: false,
                ..Flowtable::default()
            };
            assert_eq!(
                probe(&mut socket, &software).is_ok(),
                nft_takes("devices = { d0 }; counter")
            );

            // A veth cannot offload, whatever the kernel.
            let devices = ["d0".to_owned(), "d1".to_owned()];
            let refusal = Kernel
                .accepts_hw_flowtable(&devices)
                .expect_err("no hardware here");
            assert_eq!(refusal.device.as_deref(), Some("d0"));
            assert!(!Kernel.has_flowtable());
            assert_eq!(here().list, "", "asking changed something");
        },
    );
}

#[test]
fn a_flowtable_that_the_kernel_refuses_is_named_as_such() {
    in_namespace(
        "kernel_facts::a_flowtable_that_the_kernel_refuses_is_named_as_such",
        || {
            sh("ip link add d0 type veth peer name d1");
            let flowtable = Some(Flowtable {
                devices: vec!["d0".to_owned()],
                hardware: true,
                ..Flowtable::default()
            });
            let error = load(&Ruleset {
                flowtable,
                ..Ruleset::default()
            })
            .expect_err("refused");
            assert!(
                error.to_string().contains("the flowtable"),
                "{FLOWTABLE}: {error}"
            );
            assert_eq!(here().list, "");
        },
    );
}
