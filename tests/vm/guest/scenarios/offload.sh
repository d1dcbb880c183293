# Ferrowall's offloading over every kind of link: with one option the flows take the fast path, whatever the link.

# offloads software|hardware LINK [ARGUMENT]: LINK is a function of lib/links.sh.
offloads() {
	mode=$1
	shift
	case $mode in
	software) ports veth ;;
	hardware) ports hardware ;;
	esac
	"$@"
	router "$mode"
	firewall start
	flowtable_devices
	expect "a $mode flowtable" [ "$(flowtable_is_hardware && echo hardware || echo software)" = "$mode" ]
	fast_path "$mode" $one_of_each
}

scenario_software_over_plain_ports() { offloads software plain; }
scenario_software_over_a_bridge() { offloads software bridge; }
scenario_software_over_a_vlan_aware_bridge() { offloads software vlan_aware_bridge; }
scenario_software_over_a_vlan() { offloads software vlan; }
scenario_software_over_pppoe() { offloads software pppoe; }
scenario_software_over_wireguard_which_fw4_overlooks() { offloads software wireguard wg0; }
scenario_software_over_a_raw_ip_modem_which_fw4_overlooks() { offloads software raw_ip; }
scenario_hardware_over_plain_ports() { offloads hardware plain; }
scenario_hardware_over_a_bridge() { offloads hardware bridge; }
scenario_hardware_over_a_vlan() { offloads hardware vlan; }
scenario_hardware_over_pppoe() { offloads hardware pppoe; }

scenario_the_text_path_offloads_too() {
	ports veth
	wireguard wg0
	router software
	firewall --backend nft start
	fast_path software $one_of_each
}

scenario_one_port_that_refuses_sends_all_to_software_and_is_named() {
	ports hardware refuse=2
	plain
	router hardware
	firewall start
	expect_not "a hardware flowtable" flowtable_is_hardware
	fast_path software $one_of_each
	firewall status
	expect "hw1 to be named" sh -c 'ferrowall --root /run/router status | grep -i offload | grep -w hw1'
}

scenario_what_does_not_fit_into_the_engine_runs_in_software() {
	ports hardware
	plain
	echo 4 >/sys/kernel/debug/ppe0/limit
	router hardware
	firewall start
	start_connections $one_of_each
	eventually 5 "two flows in hardware" hardware_flows_are -eq 2
	eventually 5 "one flow in software" software_flows_are -eq 1
	eventually 5 "the forward counter to stand still" forward_stands_still $one_of_each
}

# ticks: hundredths of a second since boot.
ticks() { sed 's/ .*//;s/\.//' /proc/uptime; }

# Counted by hand in conntrack's lines.
scenario_the_counts_of_ten_thousand_flows_are_conntracks() {
	ports veth
	plain
	router software
	firewall start
	echo_servers
	sysctl -qw net.netfilter.nf_conntrack_max=65536 net.netfilter.nf_conntrack_udp_timeout=600 net.netfilter.nf_conntrack_udp_timeout_stream=600 \
		net.netfilter.nf_flowtable_udp_timeout=600
	client traffic many 198.51.100.2 5201 10000
	# A nanosecond of this machine is an instruction, a tick of its uptime ten million of them.
	begun=$(ticks)
	for run in 1 2 3 4 5 6 7 8 9 10; do
		firewall offload --json >/run/scenario/json
	done
	took=$(($(ticks) - begun))
	note "offload --json with 10,000 flows: $took million instructions, the kernel's included"
	expect "less than 50 ms at 4,000 million instructions a second" [ $took -lt 200 ]
	conntrack -L 2>/dev/null >/run/scenario/lines
	cut -c 1-500 /run/scenario/json
	expect "10,000 flows in software" [ "$(grep -cF '[OFFLOAD]' /run/scenario/lines)" -eq 10000 ]
	expect "the same number in software" [ "$(number software /run/scenario/json)" = "$(grep -cF '[OFFLOAD]' /run/scenario/lines)" ]
}

scenario_the_counts_of_hardware_are_conntracks_and_the_engines() {
	ports hardware
	plain
	router hardware
	firewall start
	start_connections $every_connection
	eventually 5 "six flows in hardware" hardware_flows_are -eq 6
	firewall offload --json >/run/scenario/json
	cat /run/scenario/json
	expect "six flows in hardware" [ "$(number hardware /run/scenario/json)" = 6 ]
	expect "twelve entries in the engine" [ "$(number bound /run/scenario/json)" = 12 ]
}
