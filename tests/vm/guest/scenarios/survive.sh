# Connections outlive what is done to the firewall and to the links, and come back to the fast path.

# running software|hardware: flows over plain ports, through Ferrowall's rules.
running() {
	mode=$1
	case $mode in
	software) ports veth ;;
	hardware) ports hardware ;;
	esac
	plain
	router "$mode"
	firewall start
	start_connections $one_of_each
	eventually 5 "flows in $mode" "${mode}_flows_are" -eq 3
}

# lives_on MODE: the same connections (keep would have ended with a broken one), and fast.
lives_on() {
	eventually 5 "flows in $1" "${1}_flows_are" -eq 3
	eventually 5 "the forward counter to stand still" forward_stands_still $one_of_each
}

scenario_software_flows_outlive_reload_and_restart() {
	running software
	firewall reload
	lives_on software
	firewall restart
	lives_on software
}

scenario_software_flows_outlive_reload_and_restart_with_raw_nft_files() {
	running software
	firewall --backend nft reload
	lives_on software
	firewall --backend nft restart
	lives_on software
}

scenario_a_hardware_flowtable_is_kept_over_a_reload() {
	running hardware
	bound=$(engine bound)
	unbound=$(engine unbound)
	entries=$(engine entries)
	firewall reload
	lives_on hardware
	expect "the flowtable to stay bound" [ "$(engine bound) $(engine unbound)" = "$bound $unbound" ]
	expect "no more entries than before" engine_entries_are -le "$entries"
}

# What the engine holds must be what the kernel knows of: two entries for each flow.
no_entry_leaked() { [ "$(engine entries)" -eq $((2 * $(in_hardware))) ]; }

scenario_no_entry_leaks_when_the_firewall_restarts() {
	running hardware
	firewall restart
	eventually 10 "only entries of known flows" no_entry_leaked
	lives_on hardware
	eventually 10 "only entries of known flows" no_entry_leaked
}

scenario_no_entry_leaks_when_the_firewall_stops() {
	running hardware
	firewall stop
	eventually 10 "an empty engine" engine_entries_are -eq 0
}

scenario_switching_hardware_offload_off_and_on_again() {
	running hardware
	configure software
	firewall reload
	eventually 10 "an empty engine" engine_entries_are -eq 0
	lives_on software
	configure hardware
	firewall reload
	lives_on hardware
}

# While flows leave the hardware the kernel's time-outs for them are 0.
scenario_what_a_killed_drain_left_behind_is_repaired() {
	running hardware
	sysctl -qw net.netfilter.nf_flowtable_tcp_timeout=120
	configure software
	ferrowall --root /run/router reload &
	eventually 5 "flows to expire" timeouts_are 0 0
	kill -9 $!
	wait $! || true
	expect "what it left behind" timeouts_are 0 0
	firewall device $lan
	expect "the time-outs of before" timeouts_are 120 30
	firewall reload --if-changed
	eventually 5 "an empty engine" engine_entries_are -eq 0
	expect "the time-outs of before" timeouts_are 120 30
	lives_on software
}

# As text, too: `delete table` would take it along.
scenario_a_restart_with_raw_nft_files_keeps_a_hardware_flowtable() {
	running hardware
	nft -f - <<-EOF
	table inet fw4 {
		counter left_over { }
		ct helper left_over_helper { type "ftp" protocol tcp; }
		limit left_over_limit { rate 5/second; }
		set left_over_set { type ipv4_addr; flags interval; elements = { 192.0.2.0/24 }; }
		chain left_over_chain { counter name left_over; }
		map left_over_map { type ipv4_addr : verdict; elements = { 192.0.2.1 : jump left_over_chain }; }
	}
	EOF
	handle=$(flowtable_handle)
	entries=$(engine entries)
	firewall --backend nft restart
	expect "the same flowtable" [ "$(flowtable_handle)" = "$handle" ]
	expect_not "anything left over" sh -c 'nft list table inet fw4 | grep left_over'
	expect "no fewer entries than before" engine_entries_are -ge "$entries"
	lives_on hardware
	firewall --backend nft restart
	lives_on hardware
	eventually 10 "only entries of known flows" no_entry_leaked
}

scenario_switching_offload_off_and_on_again() {
	running software
	configure off
	firewall reload
	expect "no flowtable" [ -z "$(flowtable_devices)" ]
	eventually 5 "every flow out of it" software_flows_are -eq 0
	expect "the connections to go on" flowing $one_of_each
	configure software
	firewall reload
	lives_on software
}

# down_and_up DEVICE IPV6-ADDRESS: IPv6 addresses go with the link; netifd puts them back.
down_and_up() {
	ip link set "$1" down
	sleep 2
	ip link set "$1" up
	ip -6 addr add "$2" dev "$1" nodad
}

scenario_a_lan_port_that_goes_down_and_comes_back() {
	running software
	down_and_up lan1 fd00:1::1/64
	eventually 30 "answers on every connection" flowing $one_of_each
	lives_on software
}

# masqueraded: the line that conntrack has of the client's TCP connection.
masqueraded() { conntrack -L -p tcp -s 192.168.1.2 --dport 5201 2>/dev/null | grep .; }

is_forgotten() { ! masqueraded; }

# fw4's ruleset as it is, without offloading: what is lost is not lost by us.
scenario_the_kernel_forgets_masqueraded_connections_when_their_device_goes_down() {
	ports veth
	plain
	router off
	firewall print | nft -f -
	start_connections $one_of_each
	expect "a masqueraded connection" masqueraded
	down_and_up wan fd00:2::1/64 &
	eventually 1 "the masqueraded connection to be forgotten" is_forgotten
	wait $!
	eventually 30 "answers on the others" flowing client-udp-6 server-tcp-4
	expect "no answer on the masqueraded one" [ "$(arriving 5 client-tcp-4)" -eq 0 ]
}

# The kernel forgets the masqueraded connections of a device that goes down; all others live on.
scenario_a_wan_port_that_goes_down_and_comes_back() {
	running software
	down_and_up wan fd00:2::1/64
	others='client-udp-6 server-tcp-4'
	eventually 30 "answers on the others" flowing $others
	eventually 5 "the forward counter to stand still" forward_stands_still $others
}

# A forbidden flow ends with its connection, on hardware too; the others go on.
scenario_a_deleted_connection_stops_and_the_others_live_on() {
	running hardware
	cat >>/run/router/etc/config/firewall <<-EOF

	config rule
		option name 'No UDP'
		option src 'lan'
		option dest 'wan'
		option proto 'udp'
		option target 'REJECT'
	EOF
	firewall reload
	conntrack -D -f ipv6 -p udp --orig-port-dst 5201
	sleep 2
	expect "the deleted connection to have stopped" [ "$(arriving 1 client-udp-6)" -eq 0 ]
	expect "the others to go on" flowing client-tcp-4 server-tcp-4
	eventually 10 "only entries of known flows" no_entry_leaked
	expect "the others in hardware" hardware_flows_are -eq 2
}

# The WAN's device appears after boot: what netifd's hotplug does is to reload.
scenario_a_device_that_appears_later_is_offloaded() {
	cable client c0 lan1
	lan=lan1 wan=wwan0 wan_port=/dev/cdc-wdm0
	lan_is $lan
	router software
	firewall start
	sleep 10
	cable server s0 uplink
	underlay uplink
	wireguard_peers wwan0
	wan_is wwan0 wg0
	netifd_sees
	firewall reload
	expect "wwan0 in the flowtable" [ "$(flowtable_devices)" = 'lan1 wwan0' ]
	fast_path software $one_of_each
}
