# A reload changes what differs: the flowtable and its flows stay.

# rule_number N: a rule that differs each time.
rule_number() {
	cat <<-EOF

	config rule
		option name 'Number $1'
		option src 'wan'
		option proto 'tcp'
		option dest_port '$((6000 + $1))'
		option target 'ACCEPT'
	EOF
}

scenario_a_thousand_flows_stay_offloaded_over_fifty_reloads() {
	ports veth
	plain
	router software
	firewall start
	echo_servers
	sysctl -qw net.netfilter.nf_flowtable_udp_timeout=600
	client traffic many 198.51.100.2 5201 1000
	eventually 10 "a thousand flows in software" software_flows_are -ge 1000
	flows=$(in_software)
	handle=$(flowtable_handle)
	cp /run/router/etc/config/firewall /run/scenario/firewall
	for number in $(seq 50); do
		{ cat /run/scenario/firewall; rule_number "$number"; } >/run/router/etc/config/firewall
		firewall reload
		expect "a reload by difference" sh -c 'ferrowall --root /run/router status | grep -q "^update: incremental"'
	done
	expect "all flows in software" software_flows_are -eq "$flows"
	expect "the same flowtable" [ "$(flowtable_handle)" = "$handle" ]
	# fw4's way.
	ferrowall --root /run/router print >/run/scenario/text
	sed -i '1i delete flowtable inet fw4 ft' /run/scenario/text
	{ echo 'flush table inet fw4'; grep -v '^table inet fw4$\|^flush table' /run/scenario/text; } | nft -f -
	eventually 5 "no flow of them with fw4's way" software_flows_are -lt 10
}

# devices PORT...: for the defaults.
devices() { printf "\tlist flow_offloading_devices '%s'\n" "$@"; }

# ports_bound N: at present; the question whether a port can offload binds it for a moment.
ports_bound() { [ $(($(engine bound) - $(engine unbound))) -eq "$1" ]; }

# elsewhere DEVICE: into another network namespace and back, where it has its number again.
elsewhere() {
	number=$(cat "/sys/class/net/$1/ifindex")
	ip netns add elsewhere
	ip link set "$1" netns elsewhere
	ip -n elsewhere link set "$1" netns 1
	ip netns del elsewhere
	ip link set "$1" up
	[ "$(cat "/sys/class/net/$1/ifindex")" = "$number" ] || skip "$1 has another number"
}

# The kernel takes it out of the flowtable, says nothing, and counts no transaction.
scenario_a_device_that_was_elsewhere_comes_back_into_the_flowtable() {
	ports veth
	plain
	router software
	firewall start
	for options in '' '--if-changed'; do
		elsewhere $lan
		firewall reload $options
		expect "both devices" flowtable_devices_are "$lan $wan"
	done
	firewall reload
	expect "a reload without any work" sh -c 'ferrowall --root /run/router status | grep -q "^update: none"'
}

# What a port's driver holds stays there when the port leaves the flowtable: so the flows are taken out first.
scenario_hardware_devices_come_and_go_and_the_connections_stay() {
	ports hardware
	plain
	ip link set $spare_port up
	router hardware "$(devices $lan $wan)"
	firewall start
	start_connections $one_of_each
	eventually 5 "three flows in hardware" hardware_flows_are -eq 3
	handle=$(flowtable_handle)
	configure hardware "$(devices $lan $wan $spare_port)"
	firewall reload
	expect "three devices" [ "$(flowtable_devices)" = "$lan $wan $spare_port" ]
	expect "three ports bound" ports_bound 3
	expect "no flow to have left the engine" [ "$(engine removed)" = 0 ]
	expect "three flows in hardware" hardware_flows_are -eq 3

	# Down: its flows are gone.
	ip link set $spare_port down
	configure hardware "$(devices $lan $wan)"
	firewall reload
	expect "two devices" [ "$(flowtable_devices)" = "$lan $wan" ]
	expect "two ports bound" ports_bound 2
	expect "no flow to have left the engine" [ "$(engine removed)" = 0 ]

	configure hardware "$(devices $wan)"
	firewall reload
	expect "one device" [ "$(flowtable_devices)" = "$wan" ]
	expect "one port bound" ports_bound 1
	expect "the same flowtable" [ "$(flowtable_handle)" = "$handle" ]
	expect "six entries to have left the engine" [ "$(engine removed)" = 6 ]
	expect "the connections to go on" flowing $one_of_each
	configure hardware "$(devices $lan $wan)"
	firewall reload
	eventually 5 "three flows in hardware" hardware_flows_are -eq 3
	eventually 5 "the forward counter to stand still" forward_stands_still $one_of_each
}
