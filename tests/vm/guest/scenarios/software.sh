# Software offload over every kind of link: what must be listed in the flowtable for flows to take the fast path.
# The rulesets here are text, so these are facts about the kernel.

# two_cables: the plain router, LAN on lan1, WAN on wan.
two_cables() {
	cable client c0 lan1
	cable server s0 wan
	lan=lan1 wan=wan
}

addresses() {
	lan_is $lan
	wan_is $wan
}

# load DEVICES
load() { ruleset "$(flowtable "$1")" | nft -f -; }

scenario_without_a_flowtable_every_packet_is_forwarded() {
	two_cables
	addresses
	ruleset '' | nft -f -
	slow_path $one_of_each
	before=$(forwarded)
	carries_data client-tcp-4
	expect "every packet on the slow path" [ $(($(forwarded) - before)) -ge 500 ]
}

scenario_plain_ports() {
	two_cables
	addresses
	load 'lan1, wan'
	fast_path software $every_connection
}

bridged_lan() {
	unplugged lan2
	bridge_of br-lan lan1 lan2
	lan=br-lan
}

scenario_bridge_when_the_bridge_is_listed() {
	two_cables
	bridged_lan
	addresses
	load 'br-lan, wan'
	fast_path software $one_of_each
}

scenario_bridge_when_its_ports_are_listed() {
	two_cables
	bridged_lan
	addresses
	load 'lan1, lan2, wan'
	fast_path software $one_of_each
}

vlan_aware_bridge() {
	bridged_lan
	ip link set br-lan type bridge vlan_filtering 1
	bridge vlan add dev br-lan vid 10 self
	bridge vlan add dev lan1 vid 10 pvid untagged
	vlan_on br-lan 10
	lan=br-lan.10
}

scenario_vlan_aware_bridge_when_its_ports_are_listed() {
	two_cables
	vlan_aware_bridge
	addresses
	load 'lan1, lan2, wan'
	fast_path software $one_of_each
}

scenario_vlan_aware_bridge_when_its_vlan_device_is_listed() {
	two_cables
	vlan_aware_bridge
	addresses
	load 'br-lan.10, wan'
	fast_path software $one_of_each
}

vlans() {
	for link in 'c0 client' 's0 server'; do
		vlan_on ${link% *} 10 ${link#* }
	done
	vlan_on lan1 10
	vlan_on wan 10
	lan=lan1.10 wan=wan.10
	lan_is $lan c0.10
	wan_is $wan s0.10
}

scenario_vlan_when_the_vlan_devices_are_listed() {
	two_cables
	vlans
	load 'lan1.10, wan.10'
	fast_path software $one_of_each
}

scenario_vlan_when_the_ports_below_are_listed() {
	two_cables
	vlans
	load 'lan1, wan'
	fast_path software $one_of_each
}

pppoe() {
	pppoe_wan wan
	wan=pppoe-wan
	lan_is $lan
	wan_is $wan ppp0
}

scenario_pppoe_when_the_ppp_device_is_listed() {
	two_cables
	pppoe
	load 'lan1, pppoe-wan'
	fast_path software $one_of_each
}

scenario_pppoe_when_the_port_below_is_listed() {
	two_cables
	pppoe
	load 'lan1, wan'
	fast_path software $one_of_each
}

wireguard_wan() {
	underlay wan
	wireguard "$1"
	wan=$1
	lan_is $lan
	wan_is "$1" wg0
}

scenario_wireguard_when_it_is_listed() {
	two_cables
	wireguard_wan wg0
	load 'lan1, wan, wg0'
	fast_path software $one_of_each
}

# netifd gives WireGuard no "device", so fw4's list, made of those, has only the port it runs over. What comes in
# from lan1 takes the fast path then, what comes in from wg0 does not; [OFFLOAD] is shown all the same.
scenario_wireguard_is_half_offloaded_when_only_the_port_below_is_listed() {
	two_cables
	wireguard_wan wg0
	load 'lan1, wan'
	start_connections client-udp-4
	eventually 5 "[OFFLOAD]" software_flows_are -eq 1
	before=$(forwarded)
	came_back=$(arriving 2 client-udp-4)
	slow=$(($(forwarded) - before))
	expect "every answer on the slow path, $slow of $came_back" [ $slow -ge $((came_back - 2)) ]
	expect "no question on the slow path, $slow of $came_back" [ $slow -le $((came_back + 2)) ]
}

# wwan0 is a raw IP device, as wg0; netifd's "device" for it is /dev/cdc-wdm0, which is no network device.
scenario_raw_ip_device_when_it_is_listed() {
	two_cables
	wireguard_wan wwan0
	load 'lan1, wwan0'
	fast_path software $one_of_each
}

scenario_raw_ip_device_is_half_offloaded_when_it_is_not_listed() {
	two_cables
	wireguard_wan wwan0
	load 'lan1'
	start_connections client-udp-4
	eventually 5 "[OFFLOAD]" software_flows_are -eq 1
	before=$(forwarded)
	came_back=$(arriving 2 client-udp-4)
	slow=$(($(forwarded) - before))
	expect "every answer on the slow path, $slow of $came_back" [ $slow -ge $((came_back - 2)) ]
}
