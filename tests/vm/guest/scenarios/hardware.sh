# Hardware offload, on ports with a packet engine (hwflow).

load_hw() { ruleset "$(flowtable "$1" hardware)" | nft -f -; }

# Every flow has two entries in the engine, one for each direction.
scenario_plain_ports() {
	ports hardware
	plain
	load_hw 'hw0, hw1'
	fast_path hardware $every_connection
	expect "two entries for each flow" [ "$(engine entries)" -ge 12 ]
	expect "packets forwarded by the engine" [ "$(engine forwarded)" -ge 1000 ]
	cat /sys/kernel/debug/ppe0/entries
	expect "NAT in MediaTek's shape" grep -qE \
		'^[0-9a-f]{5} BND IPv4 5T orig=192\.168\.1\.2:[0-9]+->198\.51\.100\.2:5201 new=198\.51\.100\.1:[0-9]+->198\.51\.100\.2:5201 eth=([0-9a-f]{2}:){5}[0-9a-f]{2}->.* etype=[0-9a-f]{4} vlan=0,0 ib1=[0-9a-f]{8} ib2=[0-9a-f]{8} packets=[0-9]+ bytes=[0-9]+$' \
		/sys/kernel/debug/ppe0/entries
}

scenario_bridge_over_ports() {
	ports hardware
	bridge
	load_hw 'hw0, hw1, hw2'
	fast_path hardware $one_of_each
}

scenario_vlan_over_a_port() {
	ports hardware
	vlan
	load_hw 'hw0, hw1'
	fast_path hardware $one_of_each
}

scenario_pppoe_over_a_port() {
	ports hardware
	pppoe
	load_hw 'hw0, hw1'
	fast_path hardware $one_of_each
}

scenario_what_does_not_fit_into_the_engine_runs_in_software() {
	ports hardware
	plain
	echo 4 >/sys/kernel/debug/ppe0/limit
	load_hw 'hw0, hw1'
	start_connections $every_connection
	eventually 5 "four flows in software" software_flows_are -eq 4
	expect "two in hardware" hardware_flows_are -eq 2
	eventually 5 "the forward counter to stand still" forward_stands_still $every_connection
	expect "the engine to be full" engine_entries_are -eq 4
}

scenario_one_port_that_refuses_makes_the_kernel_refuse_the_flowtable() {
	ports hardware refuse=2
	plain
	ruleset "$(flowtable 'hw0, hw1' hardware)" >/run/scenario/rules
	expect_not "the flowtable to be accepted" nft -f /run/scenario/rules
	expect_not "anything to be loaded" nft list table inet fw4
	load_hw 'hw0'
	nft list flowtables
}

scenario_a_link_without_an_engine_makes_the_kernel_refuse_the_flowtable() {
	ports hardware
	cable client x0 plain
	for device in plain lo; do
		ruleset "$(flowtable "hw0, $device" hardware)" >/run/scenario/rules
		nft -f /run/scenario/rules 2>/run/scenario/answer && fail "$device was accepted"
		expect "Operation not supported" grep -q 'Operation not supported' /run/scenario/answer
	done
}

# ethtool -K DEV hw-tc-offload off: the driver binds, but takes no flow.
scenario_a_port_switched_off_with_ethtool_runs_in_software() {
	ports hardware
	plain
	ethtool -K hw0 hw-tc-offload off
	ethtool -K hw1 hw-tc-offload off
	load_hw 'hw0, hw1'
	start_connections client-tcp-4
	eventually 5 "a flow in software" software_flows_are -eq 1
	eventually 5 "the forward counter to stand still" forward_stands_still client-tcp-4
	expect "an empty engine" engine_entries_are -eq 0
}

# Drivers that use flow_block_cb_setup_simple().
scenario_a_strict_driver_refuses_a_flowtable_recreated_in_one_transaction() {
	ports hardware strict=1
	plain
	load_hw 'hw0, hw1'
	ruleset "$(flowtable 'hw0, hw1' hardware)" >/run/scenario/rules
	nft -f /run/scenario/rules 2>/run/scenario/answer && fail "it was accepted"
	expect "Device or resource busy" grep -q 'busy' /run/scenario/answer
}
