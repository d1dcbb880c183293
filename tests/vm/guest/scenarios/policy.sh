# `config offload`: who stays out of the flowtable does so in both directions, through NAT, and from the reload on.

# exempt LINES: a section is added to the configuration.
exempt() {
	printf "\nconfig offload\n%s\n" "$1" >>/run/router/etc/config/firewall
}

# first N: of the source ports of `traffic many`.
first() { echo "	option src_port '20000-$((19999 + $1))'"; }
outbound="	option name 'Outbound'
	option src 'lan'
	option dest 'wan'
	option proto 'udp'"
# The address and port of the host inside, not those that the server sees.
forwarded_in="	option name 'Forwarded'
	option src 'wan'
	option dest 'lan'
	option proto 'udp'
	option dest_ip '192.168.1.2'
	option dest_port '5201'"

# flows exempt|others [STATUS]: connections by the source port of their first direction, those that conntrack shows with
# STATUS (a fixed text) if given.
flows() {
	{ conntrack -L -f ipv4; conntrack -L -f ipv6; } 2>/dev/null | awk -v wanted="$1" -v status="${2-}" -v exempt="$exempt" '
		match($0, /sport=20[0-9]+/) {
			port = substr($0, RSTART + 6, RLENGTH - 6)
			kind = port < 20000 + exempt ? "exempt" : "others"
			if (kind == wanted && (status == "" || index($0, status))) count++
		}
		END { print count + 0 }'
}

# exempts EXEMPT OTHERS MODE STATUS [OPTIONS OF FERROWALL...]: so many from the client over IPv4, as many over IPv6, and as
# many from the server.
exempts() {
	exempt=$1 others=$2 mode=$3 status=$4
	shift 4
	plain
	router "$mode"
	exempt "$outbound
$(first "$exempt")"
	exempt "$forwarded_in
$(first "$exempt")"
	firewall "$@" start
	nft list chain inet fw4 flow_offload
	echo_servers
	sysctl -qw net.netfilter.nf_conntrack_udp_timeout=600 net.netfilter.nf_conntrack_udp_timeout_stream=600 \
		net.netfilter.nf_flowtable_udp_timeout=600
	client traffic many 198.51.100.2 5201 $((exempt + others))
	client traffic many fd00:2::2 5201 $((exempt + others))
	server traffic many 198.51.100.1 8080 $((exempt + others))
	sleep 2
	expect "every exempt connection" [ "$(flows exempt)" -eq $((3 * exempt)) ]
	expect "all the others" [ "$(flows others)" -eq $((3 * others)) ]
	expect "no exempt one offloaded" [ "$(flows exempt OFFLOAD)" -eq 0 ]
	expect "all others offloaded" [ "$(flows others "$status")" -eq $((3 * others)) ]
}

scenario_of_a_thousand_connections_the_exempt_are_never_offloaded_and_the_others_always() {
	ports veth
	exempts 167 167 software '[OFFLOAD]'
}

scenario_the_text_path_exempts_the_same() {
	ports veth
	exempts 20 20 software '[OFFLOAD]' --backend nft
}

scenario_exempt_connections_stay_out_of_the_hardware() {
	ports hardware
	exempts 20 20 hardware '[HW_OFFLOAD]'
}

# takes_effect MODE SECONDS: exemptions come and go under running connections, which live on.
takes_effect() {
	mode=$1 patience=$2
	plain
	router "$mode"
	firewall start
	start_connections $one_of_each
	eventually 5 "three flows" offloaded $one_of_each
	cp /run/router/etc/config/firewall /run/scenario/firewall
	exempt "	option src 'lan'
	option proto 'tcp'"
	firewall reload
	expect "the exempt one to be out at once" slow client-tcp-4
	eventually "$patience" "the others to be back" offloaded client-udp-6 server-tcp-4
	expect "all connections to go on" flowing $one_of_each
	expect "the exempt one to stay out" slow client-tcp-4
	exempt "	option dest 'lan'
	option dest_ip '192.168.1.2'
	option dest_port '5201'"
	firewall reload
	expect "the port forward to be out too" slow client-tcp-4 server-tcp-4
	eventually "$patience" "the last one to be back" offloaded client-udp-6
	expect "all connections to go on" flowing $one_of_each
	expect "both to stay out" slow client-tcp-4 server-tcp-4
	cp /run/scenario/firewall /run/router/etc/config/firewall
	firewall reload
	eventually "$patience" "all to be back" offloaded $one_of_each
	expect "all connections to go on" flowing $one_of_each
}

scenario_an_exemption_takes_effect_on_running_flows_without_ending_their_connections() {
	ports veth
	takes_effect software 5
}

# Half a minute at most: the time-out that the kernel gave the flows before.
scenario_an_exemption_takes_effect_on_running_flows_in_hardware() {
	ports hardware
	takes_effect hardware 5
}

scenario_a_reload_that_changes_no_exemption_leaves_the_flows_alone() {
	ports veth
	plain
	router software
	exempt "	option src 'lan'
	option proto 'tcp'"
	firewall start
	start_connections $one_of_each
	eventually 5 "two flows" offloaded client-udp-6 server-tcp-4
	handle=$(nft -a list flowtables | sed -n 's/.*flowtable ft { # handle //p')
	printf "\nconfig rule\n\toption src 'wan'\n\toption dest_port '6000'\n\toption target 'ACCEPT'\n" >>/run/router/etc/config/firewall
	firewall reload
	expect "the same flowtable" [ "$(nft -a list flowtables | sed -n 's/.*flowtable ft { # handle //p')" = "$handle" ]
	expect "the flows in it" offloaded client-udp-6 server-tcp-4
}

# A reply does not show the client's MAC address: only the other direction decides.
scenario_a_mac_address_exempts_its_connections_and_no_others() {
	ports veth
	plain
	router software
	exempt "	option src_mac '$(mac c0 client)'"
	firewall start
	start_connections $one_of_each
	eventually 5 "the server's connection offloaded" offloaded server-tcp-4
	sleep 2
	expect "the client's out" slow client-tcp-4 client-udp-6
	expect "all to flow" flowing $one_of_each
}

scenario_a_set_exempts_what_is_in_it() {
	ports veth
	plain
	router software
	printf "\nconfig ipset\n\toption name 'slow'\n\tlist match 'dest_ip'\n\tlist match 'dest_port'\n\tlist entry '198.51.100.2 5201'\n" \
		>>/run/router/etc/config/firewall
	exempt "	option ipset 'slow'"
	firewall start
	start_connections $one_of_each
	eventually 5 "the others offloaded" offloaded client-udp-6 server-tcp-4
	sleep 2
	expect "what is in the set out" slow client-tcp-4
}

# exactly N: the forward hook sees the first N packets of a connection, then none.
scenario_exactly_the_first_30_packets_are_seen() {
	ports veth
	plain
	router software "	option flow_offloading_after_packets '30'"
	sysctl -qw net.netfilter.nf_conntrack_acct=0
	firewall start
	expect "the kernel to count packets now" [ "$(cat /proc/sys/net/netfilter/nf_conntrack_acct)" = 1 ]
	echo_servers
	client ping -c 1 -W 1 198.51.100.2
	client ping -c 1 -W 1 fd00:2::2
	watch_forward
	seen_before=0
	for connection in client-udp-4 client-udp-6 client-tcp-4 server-udp-4 server-tcp-4 client-tcp-6; do
		parse_connection $connection
		keep "$protocol" "$address" $port $connection "$from"
		eventually 10 "a hundred answers on $connection" answered_more_than 100 $connection
		seen=$(($(forwarded) - seen_before))
		seen_before=$(forwarded)
		note "$connection: $seen packets of at least 200 on the slow path"
		expect "exactly 30 packets of $connection on the slow path" [ $seen -eq 30 ]
	done
	expect "all in the flowtable" offloaded client-udp-4 client-udp-6 client-tcp-4 server-udp-4 server-tcp-4
}

# Nobody counted their packets, so there are none to wait for.
scenario_connections_from_before_packets_were_counted_are_offloaded() {
	ports veth
	plain
	sysctl -qw net.netfilter.nf_conntrack_acct=0
	router off
	firewall start
	start_connections client-tcp-4
	configure software "	option flow_offloading_after_packets '1000000'"
	firewall reload
	eventually 5 "it offloaded" offloaded client-tcp-4
}

scenario_marked_flows_are_exempt_by_themselves() {
	ports veth
	plain
	router software "	option flow_offloading_exempt_marked '1'"
	printf "\nconfig rule\n\toption src 'lan'\n\toption dest 'wan'\n\toption proto 'tcp'\n\toption dest_port '5201'\n\toption target 'DSCP'\n\toption set_dscp 'EF'\n" \
		>>/run/router/etc/config/firewall
	firewall start
	start_connections $one_of_each
	eventually 5 "the others offloaded" offloaded client-udp-6 server-tcp-4
	sleep 2
	expect "the classified one out" slow client-tcp-4
}

# Why flows between two ports of the engine cannot go to hardware while others of the same ports go to software.
scenario_a_device_can_be_in_two_flowtables_of_different_tables_only() {
	ports hardware
	plain
	second() {
		nft -f - <<-EOF
		table inet fw4 {
			flowtable hw { hook ingress priority 0; devices = { hw0, hw1 }; flags offload; }
		}
		table inet $1 {
			flowtable sw { hook ingress priority 1; devices = { hw0, hw1, hw2 }; }
		}
		EOF
	}
	expect_not "the same table to take it" second fw4
	second fw4 2>&1 | grep -q 'File exists' || note "the kernel's answer: $(second fw4 2>&1 | head -n 1)"
	expect "another table to take it" second other
}
