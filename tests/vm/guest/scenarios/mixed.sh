# Hardware for the ports that can, software for the others and for what a section says: two flowtables, in two tables.

# third_port: the server also behind hw2, as 203.0.113.2 and fd00:3::2, in zone wan.
third_port() {
	hw_cable server s2 2
	ip addr add 203.0.113.1/24 dev hw2
	ip addr add fd00:3::1/64 dev hw2 nodad
	ip -n server addr add 203.0.113.2/24 dev s2
	ip -n server addr add fd00:3::2/64 dev s2 nodad
	ip -n server -6 rule add from fd00:3::2 lookup 3
	ip -n server -6 route add default via fd00:3::1 table 3
	sed -i '$d' /run/router/ubus/network.interface-dump.json
	{
		echo ,
		network third hw2 hw2 203.0.113.1/24 fd00:3::1/64
		echo ']}'
	} >>/run/router/ubus/network.interface-dump.json
	sed -i "s/list network 'wan'/option network 'wan third'/" /run/router/etc/config/firewall
}

# Over hw2: IPv4 with masquerading, IPv6, a port forward. The rest of their names is that of lib/fastpath.sh.
over_third='third-tcp-4 third-tcp-6 third-forwarded'
start_over_third() {
	eventually 5 "the server behind the third port" client ping -c 1 -W 1 203.0.113.2
	eventually 5 "it over IPv6" client ping -c 1 -W 1 fd00:3::2
	keep tcp 203.0.113.2 5201 third-tcp-4 client
	keep tcp fd00:3::2 5201 third-tcp-6 client
	keep udp 203.0.113.1 8080 third-forwarded server
	for connection in $over_third; do
		eventually 10 "the first answer on $connection" answered_more_than 0 "$connection"
	done
}

over() { connections | grep -E "$1" | grep -cF "$2" || true; }
third='203\.0\.113\.|fd00:3:'
third_in_software() { [ "$(over "$third" '[OFFLOAD]')" -eq 3 ] && [ "$(over "$third" '[HW_OFFLOAD]')" -eq 0 ]; }
others_in_hardware() { [ "$(connections | grep -vE "$third" | grep -cF '[HW_OFFLOAD]')" -eq 3 ]; }

# still: all flow, and the forward hook sees next to nothing of six connections in both directions.
still() {
	still_before=$(forwarded)
	expect "all to flow" flowing $one_of_each $over_third
	still_seen=$(($(forwarded) - still_before))
	[ $still_seen -le 12 ]
}

# mixed [OPTIONS OF FERROWALL...]
mixed() {
	ports hardware refuse=4
	plain
	router hardware
	third_port
	firewall "$@" start
	nft list ruleset | grep -A 12 fw4_software
	start_connections $one_of_each
	start_over_third
	eventually 10 "the flows between capable ports in hardware" others_in_hardware
	eventually 10 "those over the third port in software" third_in_software
	eventually 5 "both directions of all on the fast path" still
	firewall offload >/run/scenario/offload
	cat /run/scenario/offload
	grep -q '^flow offload: requested hardware, effective hardware: hardware offload: refused by hw2 ' /run/scenario/offload || fail "the reason"
	grep -q '^beside them, in software: hw0 hw1 hw2$' /run/scenario/offload || fail "the devices"
}

scenario_ports_that_can_are_in_hardware_and_the_others_in_software() {
	mixed
	second=$(nft -a list table inet fw4_software | grep -o 'flowtable ft { # handle.*')
	printf "\nconfig rule\n\toption src 'wan'\n\toption dest_port '6000'\n\toption target 'ACCEPT'\n" >>/run/router/etc/config/firewall
	firewall reload
	expect "both flowtables kept by a reload" [ "$(nft -a list table inet fw4_software | grep -o 'flowtable ft { # handle.*')" = "$second" ]
	expect "the flows in hardware" others_in_hardware
	expect "and in software" third_in_software
	expect "both directions of all on the fast path" still
	firewall restart
	eventually 10 "the flows in hardware after a restart" others_in_hardware
	eventually 10 "and in software" third_in_software
	eventually 5 "both directions of all on the fast path" still
	firewall stop
	expect_not "a table of ours" sh -c 'nft list tables | grep fw4'
}

scenario_the_text_path_has_both_flowtables_too() {
	mixed --backend nft
	firewall --backend nft reload
	expect "the flows in hardware" others_in_hardware
	eventually 5 "and in software" third_in_software
	eventually 5 "both directions of all on the fast path" still
	# The reload waits until the hardware is empty; packets go on meanwhile.
	nft 'add table inet watch; add chain inet watch behind { type filter hook postrouting priority 0; }'
	nft 'add rule inet watch behind meta mark and 0x2000000 != 0 counter'
	configure off
	firewall --backend nft reload
	expect "the bit of the mark to stay in the forward hook" sh -c 'nft list table inet watch | grep "packets 0 "'
	expect_not "the second table" nft list table inet fw4_software
	expect "all to flow" flowing $one_of_each $over_third
	expect "none offloaded" [ "$(connections | grep -c OFFLOAD)" -eq 0 ]
}

scenario_both_paths_load_the_same_tables() {
	ports hardware refuse=4
	plain
	router hardware
	third_port
	printf "\nconfig offload\n\toption src 'lan'\n\toption action 'hardware'\n\toption proto 'udp'\n\toption counter '0'\n" >>/run/router/etc/config/firewall
	firewall start
	nft -s list ruleset >/run/scenario/netlink
	firewall stop
	firewall --backend nft start
	nft -s list ruleset >/run/scenario/text
	grep -q fw4_software /run/scenario/text
	expect "the same" cmp /run/scenario/netlink /run/scenario/text
}

scenario_a_port_without_hardware_that_comes_later_leaves_flows_where_they_are() {
	ports hardware refuse=4
	plain
	router hardware
	firewall start
	start_connections $one_of_each
	eventually 10 "all in hardware" hardware_flows_are -eq 3
	third_port
	eventually 5 "the forward counter to stand still" forward_stands_still $one_of_each
	before=$(forwarded)
	firewall reload
	passed=$(($(forwarded) - before))
	expect "no wait for the hardware, with $passed packets on the slow path" [ $passed -le 60 ]
	expect "all in hardware" hardware_flows_are -eq 3
	start_over_third
	eventually 10 "those over the third port in software" third_in_software
	eventually 5 "both directions of all on the fast path" still
}

# Connections live on.
scenario_a_port_that_turns_out_capable_moves_to_the_flowtable_in_hardware() {
	mixed
	echo 0 >/sys/module/hwflow/parameters/refuse
	firewall reload
	expect_not "a second table" nft list table inet fw4_software
	eventually 40 "all in hardware" hardware_flows_are -eq 6
	expect "all to flow" flowing $one_of_each $over_third
}

# OpenWrt's kernels take ports without hardware into a flowtable in hardware, where their flows run in software. (conntrack shows
# them in hardware all the same if the driver takes one direction of them: that is not looked at here.)
scenario_a_kernel_that_overlooks_refusals_needs_one_flowtable_only() {
	ports hardware refuse=4 tolerant=1
	plain
	router hardware
	third_port
	firewall start
	expect_not "a second table" nft list table inet fw4_software
	start_connections $one_of_each
	start_over_third
	eventually 10 "the flows between capable ports in hardware" others_in_hardware
	eventually 5 "both directions of all on the fast path" still
}

# software_section [OPTIONS OF FERROWALL...]
software_section() {
	ports hardware
	plain
	router hardware
	printf "\nconfig offload\n\toption src 'lan'\n\toption proto 'tcp'\n\toption action 'software'\n" >>/run/router/etc/config/firewall
	printf "\nconfig offload\n\toption src 'lan'\n\toption proto 'udp'\n\toption family 'ipv4'\n" >>/run/router/etc/config/firewall
	firewall "$@" start
	start_connections client-tcp-4 client-tcp-6 client-udp-6 server-tcp-4
	eventually 10 "the others in hardware" hardware_flows_are -eq 2
	eventually 5 "two in software" software_flows_are -eq 2
	expect "these two" [ "$(connections | grep -F '[OFFLOAD]' | grep -cE '^tcp .*dport=5201 .*dport=[0-9]* .*\[OFFLOAD\]')" -eq 2 ]
	eventually 5 "both directions of all on the fast path" forward_stands_still client-tcp-4 client-tcp-6 client-udp-6 server-tcp-4
	keep udp 198.51.100.2 5201 client-udp-4
	eventually 10 "the first answer on client-udp-4" answered_more_than 0 client-udp-4
	expect "the exempt one out" slow client-udp-4
	firewall "$@" reload
	expect "the same after a reload" software_flows_are -eq 2
	expect "in hardware too" hardware_flows_are -eq 2
	expect "no word of a conflict" sh -c '! ferrowall --root /run/router status | grep -q "not offloaded at all"'
	firewall flush
	expect_not "a table" sh -c 'nft list tables | grep table'
}
scenario_a_section_keeps_its_flows_in_software_beside_hardware() { software_section; }
scenario_the_text_path_keeps_them_in_software_too() { software_section --backend nft; }
