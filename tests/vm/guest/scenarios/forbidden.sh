# `drop_forbidden_connections`: a new rule ends the running, offloaded connection that it forbids, and no other.

# forbid_udp: one of the three connections, by a rule.
forbid_udp() {
	cat >>/run/router/etc/config/firewall <<-'EOF2'

	config rule
		option name 'No UDP'
		option src 'lan'
		option dest 'wan'
		option proto 'udp'
		option family 'ipv6'
		option dest_port '5201'
		option target 'DROP'
	EOF2
}

# forbidden software|hardware [LINES OF DEFAULTS]
forbidden() {
	plain
	router "$@"
	firewall start
	fast_path "$1" client-tcp-4 client-udp-6 server-tcp-4
	forbid_udp
	firewall reload
	sleep 2
}
ended() { [ "$(arriving 1 client-udp-6)" -eq 0 ]; }
option="	option drop_forbidden_connections '1'"

# others_go_on software|hardware
others_go_on() {
	expect "the others to go on" flowing client-tcp-4 server-tcp-4
	# In software one that has ended may be listed for a while (7.3), so they are asked for by name.
	expect "the others to stay offloaded" offloaded client-tcp-4 server-tcp-4
	[ "$1" = software ] || expect "the others to stay in hardware" hardware_flows_are -eq 2
	# The one that runs, and the one that fast_path has sent data in bulk on.
	expect "two connections counted" [ "$(firewall status | sed -n 's/^connections ended: //p')" -eq 2 ]
}

scenario_a_forbidden_connection_in_software_ends_and_the_others_go_on() {
	ports veth
	forbidden software "$option"
	expect "the forbidden connection to end" ended
	others_go_on software
}

scenario_a_forbidden_connection_in_hardware_ends_and_the_others_go_on() {
	ports hardware
	forbidden hardware "$option"
	expect "the forbidden connection to end" ended
	eventually 5 "its entries to leave the engine" engine_entries_are -eq 4
	others_go_on hardware
}

# As with fw4; and the test can tell the difference.
scenario_without_the_option_a_forbidden_connection_goes_on() {
	ports veth
	forbidden software
	expect_not "the forbidden connection to end" ended
}
