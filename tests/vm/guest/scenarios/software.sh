# Software offload over every kind of link: what must be listed in the flowtable for flows to take the fast path.
# The rulesets here are text, so these are facts about the kernel.

# load DEVICES
load() { ruleset "$(flowtable "$1")" | nft -f -; }

scenario_without_a_flowtable_every_packet_is_forwarded() {
	ports veth
	plain
	ruleset '' | nft -f -
	slow_path $one_of_each
	before=$(forwarded)
	carries_data client-tcp-4
	expect "every packet on the slow path" [ $(($(forwarded) - before)) -ge 400 ]
}

scenario_plain_ports() {
	ports veth
	plain
	load 'lan1, wan'
	fast_path software $every_connection
}

# The kernel follows a flow down through bridge, VLAN and PPPoE to the port below. If that is not listed, kernels of
# the 6 line take the upper device instead; 7.3 leaves the flow alone. Listing both is right on all of them.
only_the_upper_device_listed() {
	if kernel_at_least 7 0; then
		slow_path $one_of_each
	else
		fast_path software $one_of_each
	fi
}

scenario_bridge_when_only_the_bridge_is_listed() {
	ports veth
	bridge
	load 'br-lan, wan'
	only_the_upper_device_listed
}

scenario_bridge_when_only_its_ports_are_listed() {
	ports veth
	bridge
	load 'lan1, lan2, wan'
	fast_path software $one_of_each
}

scenario_bridge_when_both_are_listed() {
	ports veth
	bridge
	load 'br-lan, lan1, lan2, wan'
	fast_path software $one_of_each
}

scenario_vlan_aware_bridge_when_only_its_vlan_device_is_listed() {
	ports veth
	vlan_aware_bridge
	load 'br-lan.10, wan'
	only_the_upper_device_listed
}

scenario_vlan_aware_bridge_when_both_are_listed() {
	ports veth
	vlan_aware_bridge
	load 'br-lan.10, br-lan, lan1, lan2, wan'
	fast_path software $one_of_each
}

scenario_vlan_when_only_the_vlan_device_is_listed() {
	ports veth
	vlan
	load 'lan1, wan.10'
	only_the_upper_device_listed
}

scenario_vlan_when_only_the_port_is_listed() {
	ports veth
	vlan
	load 'lan1, wan'
	fast_path software $one_of_each
}

scenario_vlan_when_both_are_listed() {
	ports veth
	vlan
	load 'lan1, wan.10, wan'
	fast_path software $one_of_each
}

scenario_pppoe_when_only_the_ppp_device_is_listed() {
	ports veth
	pppoe
	load 'lan1, pppoe-wan'
	only_the_upper_device_listed
}

scenario_pppoe_when_only_the_port_is_listed() {
	ports veth
	pppoe
	load 'lan1, wan'
	fast_path software $one_of_each
}

scenario_pppoe_when_both_are_listed() {
	ports veth
	pppoe
	load 'lan1, pppoe-wan, wan'
	fast_path software $one_of_each
}

# half_a_fast_path: what comes in from lan1 takes it, what comes in from the device that is not listed does not.
# [OFFLOAD] is shown all the same. Later kernels leave such a flow alone.
half_a_fast_path() {
	if kernel_at_least 7 0; then
		slow_path client-udp-4
		return
	fi
	start_connections client-udp-4
	eventually 5 "[OFFLOAD]" software_flows_are -eq 1
	before=$(forwarded)
	came_back=$(arriving 2 client-udp-4)
	slow=$(($(forwarded) - before))
	expect "every answer on the slow path, $slow of $came_back" [ $slow -ge $((came_back - 2)) ]
	expect "no question on the slow path, $slow of $came_back" [ $slow -le $((came_back + 2)) ]
}

scenario_wireguard_when_it_is_listed() {
	ports veth
	wireguard wg0
	load 'lan1, wg0'
	fast_path software $one_of_each
}

# netifd gives WireGuard no "device", so fw4's list, made of those, has only the port it runs over.
scenario_wireguard_when_only_the_port_is_listed_as_fw4_does() {
	ports veth
	wireguard wg0
	load 'lan1, wan'
	half_a_fast_path
}

scenario_raw_ip_device_when_it_is_listed() {
	ports veth
	raw_ip
	load 'lan1, wwan0'
	fast_path software $one_of_each
}

# netifd's "device" for wwan0 is /dev/cdc-wdm0, which fw4 does not find.
scenario_raw_ip_device_when_it_is_not_listed_as_fw4_does() {
	ports veth
	raw_ip
	load 'lan1'
	half_a_fast_path
}

# By name since 6.16: the flowtable waits for the device. Before, the kernel refuses all that came with it.
scenario_a_device_that_is_listed_before_it_exists() {
	cable client c0 lan1
	lan=lan1 wan=wan
	lan_is lan1
	ruleset "$(flowtable 'lan1, wan')" >/run/scenario/rules
	if kernel_at_least 6 16; then
		nft -f /run/scenario/rules
		cable server s0 wan
		wan_is wan
		fast_path software $one_of_each
	else
		nft -f /run/scenario/rules 2>/run/scenario/answer && fail "it was accepted"
		expect "No such file or directory" grep -q 'No such file or directory' /run/scenario/answer
		expect_not "anything to be loaded" nft list table inet fw4
	fi
}
