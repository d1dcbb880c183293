/*! Where addresses are, as the kernel's routes say. */

use ferrowall::netlink::{KernelRoutes, Place};

use crate::support::{in_namespace, sh};

fn behind(device: &str) -> Option<Place> {
    Some(Place::Behind(Some(device.to_owned())))
}

#[test]
fn a_route_for_some_sources_is_found_and_a_link_local_address_is_behind_no_certain_device() {
    in_namespace(
        "routes::a_route_for_some_sources_is_found_and_a_link_local_address_is_behind_no_certain_device",
        || {
            sh(
                "for one in lan wan; do ip link add $one type veth peer $one-far; ip link set $one up; ip link set $one-far up; done",
            );
            sh(
                "ip addr add 2001:db8:1::1/64 dev lan nodad && ip addr add fe80::1/64 dev lan nodad",
            );
            sh("ip addr add 2001:db8:f::2/64 dev wan nodad");
            sh("ip -6 route add default from 2001:db8:1::/64 via 2001:db8:f::1 dev wan");
            let mut routes = KernelRoutes::open().expect("routes");
            let ip = |text: &str| text.parse().expect("an address");
            let (server, client) = (ip("2001:db8:ffff::9"), ip("2001:db8:1::7"));

            assert_eq!(routes.place(server), None);
            assert_eq!(routes.place_for(server, client), behind("wan"));
            assert_eq!(
                routes.place_for(server, ip("fd00::7")),
                None,
                "another source"
            );
            assert_eq!(routes.place_for(client, server), behind("lan"));
            assert_eq!(
                routes.place_for(ip("2001:db8:1::1"), server),
                Some(Place::Here)
            );

            let peer = ip("fe80::abcd");
            assert_eq!(
                routes.place_for(peer, ip("fe80::1")),
                Some(Place::Behind(None))
            );
            assert_eq!(routes.place_for(ip("fe80::1"), peer), Some(Place::Here));
        },
    );
}
