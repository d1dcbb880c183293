# What happens to a running, offloaded flow when new rules forbid it. The rulesets are text, IPv6 without NAT: these
# are facts about the kernel that a firewall has to live with.

# forbidding FLOWTABLE: a whole ruleset that drops UDP before anything else.
forbidding() { ruleset "$1" 'meta l4proto udp drop' | sed '/flow offload/d'; }

# forbid_in_place: the same rules, the flowtable left alone.
forbid_in_place() {
	nft -f - <<-EOF
	flush chain inet fw4 forward
	add rule inet fw4 forward meta l4proto udp drop
	add rule inet fw4 forward ct state vmap { established : accept, related : accept }
	add rule inet fw4 forward iifname "$lan" accept
	EOF
}

# running_flow hardware|software
running_flow() {
	case $1 in
	hardware) ports hardware ;;
	software) ports veth ;;
	esac
	plain
	table=$(flowtable "$lan, $wan" "${1#software}")
	ruleset "$table" | nft -f -
	start_connections client-udp-6
	eventually 5 "a flow in $1" "${1}_flows_are" -eq 1
	eventually 5 "the forward counter to stand still" forward_stands_still client-udp-6
}

delete_udp_connections() { conntrack -D -f ipv6 -p udp >/dev/null; }

# Within a second; what comes in the second after that counts.
still_flows() {
	sleep 1
	expect "the forbidden flow to go on" [ "$(arriving 1 client-udp-6)" -ge 20 ]
}
has_stopped() {
	sleep 1
	expect "the forbidden flow to have stopped" [ "$(arriving 1 client-udp-6)" -eq 0 ]
}

# fw4's way. The driver is unbound before the entries are destroyed, so it never hears of that.
scenario_hardware_flowtable_recreated_leaks_its_entries() {
	running_flow hardware
	forbidding "$table" | nft -f -
	still_flows
	expect "the old entries in the engine" engine_entries_are -ge 2
}

scenario_hardware_flowtable_recreated_leaks_even_if_conntrack_is_flushed_after() {
	running_flow hardware
	forbidding "$table" | nft -f -
	conntrack -F
	still_flows
	expect "the old entries in the engine" engine_entries_are -ge 2
}

scenario_hardware_flowtable_recreated_leaks_even_if_conntrack_is_flushed_before() {
	running_flow hardware
	conntrack -F
	sleep 2
	forbidding "$table" | nft -f -
	still_flows
}

scenario_hardware_flowtable_kept_goes_on_until_the_connection_is_deleted() {
	running_flow hardware
	forbid_in_place
	still_flows
	delete_udp_connections
	has_stopped
	eventually 5 "an empty engine" engine_entries_are -eq 0
}

scenario_software_flowtable_recreated_stops_the_flow() {
	running_flow software
	forbidding "$table" | nft -f -
	has_stopped
}

scenario_software_flowtable_kept_goes_on_until_the_connection_is_deleted() {
	running_flow software
	forbid_in_place
	still_flows
	delete_udp_connections
	has_stopped
}

# The others of the same flowtable live on.
scenario_deleting_one_connection_leaves_the_others_alone() {
	running_flow hardware
	keep tcp fd00:2::2 5201 other
	eventually 5 "two flows in hardware" hardware_flows_are -eq 2
	forbid_in_place
	delete_udp_connections
	has_stopped
	expect "the other flow to go on" [ "$(arriving 1 other)" -ge 20 ]
	expect "the other flow in hardware" hardware_flows_are -eq 1
}

# So a device that comes or goes is no reason to make the flowtable anew.
scenario_a_device_joins_and_leaves_a_live_flowtable() {
	running_flow hardware
	entries=$(engine entries)
	nft 'add flowtable inet fw4 ft { hook ingress priority 0; devices = { hw2 }; flags offload; }'
	expect "three ports bound" [ "$(engine bound)" -eq 3 ]
	expect "the flow to go on" forward_stands_still client-udp-6
	nft 'delete flowtable inet fw4 ft { hook ingress priority 0; devices = { hw2 }; }'
	expect "one of them let go" [ "$(engine unbound)" -eq 1 ]
	expect "the flow to go on" forward_stands_still client-udp-6
	expect "its entries untouched" engine_entries_are -eq "$entries"
}

# Nor does a driver hear of the end of flows after its last port has left the flowtable. (Which of several ports of an engine
# is listed does not matter to it: the kernel offers it each flow through all of them.)
scenario_a_device_that_leaves_a_hardware_flowtable_leaves_its_flows_in_the_engine() {
	running_flow hardware
	entries=$(engine entries)
	nft 'delete flowtable inet fw4 ft { hook ingress priority 0; devices = { hw0 }; }'
	expect "the flow to go on" forward_stands_still client-udp-6
	nft 'delete flowtable inet fw4 ft { hook ingress priority 0; devices = { hw1 }; }'
	forbid_in_place
	delete_udp_connections
	still_flows
	expect "its entries untouched" engine_entries_are -eq "$entries"
}

# From hardware to software: the flows leave the engine first, then the flowtable is replaced.
scenario_draining_before_the_flags_change_leaves_nothing_behind() {
	running_flow hardware
	keep tcp fd00:2::2 5201 other
	eventually 5 "two flows in hardware" hardware_flows_are -eq 2
	nft -f - <<-EOF
	flush chain inet fw4 forward
	add rule inet fw4 forward ct state vmap { established : accept, related : accept }
	add rule inet fw4 forward iifname "$lan" accept
	EOF
	conntrack -D -f ipv6 -p udp -s fd00:1::2 >/dev/null
	conntrack -D -f ipv6 -p tcp -s fd00:1::2 >/dev/null
	eventually 5 "an empty engine" engine_entries_are -eq 0
	ruleset "$(flowtable 'hw0, hw1')" | nft -f -
	eventually 5 "both flows in software" software_flows_are -eq 2
	expect "the connection to go on" [ "$(arriving 1 other)" -ge 20 ]
	expect "an empty engine" engine_entries_are -eq 0
}
