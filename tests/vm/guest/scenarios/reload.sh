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

# The flowtable's handle tells whether it is still the same.
flowtable_handle() { nft -a list flowtables | sed -n 's/.*flowtable ft { # handle //p'; }

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

scenario_hardware_stays_bound_over_reloads_that_change_devices() {
	ports hardware
	plain
	router hardware
	firewall start
	start_connections $one_of_each
	eventually 5 "three flows in hardware" hardware_flows_are -eq 3
	bound="$(engine bound) $(engine unbound)"
	ip link add spare type veth peer name far
	for number in 1 2 3; do
		rule_number "$number" >>/run/router/etc/config/firewall
		firewall reload
	done
	expect "the flowtable to stay bound" [ "$(engine bound) $(engine unbound)" = "$bound" ]
	expect "three flows in hardware" hardware_flows_are -eq 3
	eventually 5 "the forward counter to stand still" forward_stands_still $one_of_each
}
