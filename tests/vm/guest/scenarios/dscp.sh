# `flow_offloading_keep_dscp`: a connection keeps the class that it began with, and what reads it from the conntrack mark finds it there.

keeps="	option flow_offloading_keep_dscp '1'"

# classified: what the LAN opens is EF by a rule, and so is nothing else.
classified() {
	cat >>/run/router/etc/config/firewall <<-'EOF'

	config rule
		option name 'Voice'
		option src 'lan'
		option dest 'wan'
		option proto 'tcp udp'
		option dest_port '5201'
		option target 'DSCP'
		option set_dscp 'EF'
	EOF
}

# exempt PROTOCOL
exempt() {
	printf "\nconfig offload\n\toption src 'lan'\n\toption dest 'wan'\n\toption proto '%s'\n" "$1" >>/run/router/etc/config/firewall
}

# watch_classes: counts at both ends what comes in of a connection, by connection and class.
watch_classes() {
	for namespace in client server; do
		ip netns exec $namespace nft -f - <<-'EOF'
		table inet classes {
			chain input {
				type filter hook input priority filter; policy accept;
				jump of_class
			}
			chain of_class {
				ip dscp ef tcp sport 5201 counter comment "EF tcp 4"
				ip dscp != ef tcp sport 5201 counter comment "other tcp 4"
				ip dscp ef udp sport 5201 counter comment "EF udp 4"
				ip dscp != ef udp sport 5201 counter comment "other udp 4"
				ip6 dscp ef udp sport 5201 counter comment "EF udp 6"
				ip6 dscp != ef udp sport 5201 counter comment "other udp 6"
				ip dscp cs3 tcp sport 8080 counter comment "CS3 tcp 4"
				ip dscp != cs3 tcp sport 8080 counter comment "other forwarded"
			}
		}
		EOF
	done
	# a class that the sender gives
	server nft add chain inet classes output '{ type filter hook output priority mangle; policy accept; }'
	server nft add rule inet classes output tcp dport 8080 ip dscp set cs3
}

# came_in NAMESPACE COMMENT: packets.
came_in() { ip netns exec "$1" nft list chain inet classes of_class | sed -n "s/.*counter packets \([0-9]*\) .*comment \"$2\".*/\1/p"; }
all_classified() { [ "$(came_in "$1" "$2")" -ge 50 ] && [ "$(came_in "$1" "$3")" -eq 0 ]; }

# kept_on_the_slow_path [OPTIONS OF FERROWALL...]
kept_on_the_slow_path() {
	ports veth
	plain
	router software "$keeps"
	classified
	exempt tcp
	exempt udp
	printf "\nconfig offload\n\toption src 'wan'\n" >>/run/router/etc/config/firewall
	firewall "$@" start
	watch_classes
	start_connections client-tcp-4 client-udp-4 client-udp-6 server-tcp-4
	sleep 5
	expect "none offloaded" software_flows_are -eq 0
	expect "all answers over TCP in the class" all_classified client 'EF tcp 4' 'other tcp 4'
	expect "all answers over UDP" all_classified client 'EF udp 4' 'other udp 4'
	expect "all answers over IPv6" all_classified client 'EF udp 6' 'other udp 6'
	expect "the sender's own class on answers through a port forward" all_classified server 'CS3 tcp 4' 'other forwarded'
}

scenario_answers_of_exempt_connections_carry_the_class_of_their_first_packet() { kept_on_the_slow_path; }
scenario_the_text_path_keeps_the_class_too() { kept_on_the_slow_path --backend nft; }

scenario_the_mark_of_an_offloaded_connection_holds_its_class_for_tc_ctinfo() {
	ports veth
	plain
	router software "$keeps"
	classified
	firewall start
	watch_classes
	tc qdisc add dev wan handle ffff: ingress
	tc filter add dev wan parent ffff: protocol all matchall action ctinfo dscp 0xfc000000 0x01000000
	start_connections client-tcp-4 client-udp-6
	eventually 5 "both in the flowtable" software_flows_are -eq 2
	marked=$(connections | grep -F '[OFFLOAD]' | grep -c 'mark=3103784960')
	expect "the class of both in their marks" [ "$marked" -eq 2 ]
	before=$(came_in client 'EF tcp 4')
	before6=$(came_in client 'EF udp 6')
	sleep 5
	expect "answers in the class" [ $(($(came_in client 'EF tcp 4') - before)) -ge 100 ]
	expect "answers over IPv6 too" [ $(($(came_in client 'EF udp 6') - before6)) -ge 100 ]
	expect "no answer without" [ "$(came_in client 'other tcp 4')" -eq 0 ]
	expect "all this on the fast path" forward_stands_still client-tcp-4
}

# What other programs have in the mark stays there.
scenario_bits_of_others_stay_in_the_mark() {
	ports veth
	plain
	router software "$keeps"
	classified
	exempt tcp
	firewall start
	nft -f - <<-'EOF'
	table inet other {
		chain prerouting {
			type filter hook prerouting priority mangle; policy accept;
			ct mark set ct mark | 0x00ab1200
		}
	}
	EOF
	start_connections client-tcp-4
	expect "both in the mark" [ "$(connections | grep -c "mark=$((0xb9ab1200))")" -eq 1 ]
}
