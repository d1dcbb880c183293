# What the fast path saves, in instructions: the machine's clock counts them.

# packets_per_second COUNT: 64-byte UDP of one flow, as fast as the client can send them.
packets_per_second() {
	client sh -eu -c '
		pktgen=/proc/net/pktgen
		echo rem_device_all >$pktgen/kpktgend_0
		echo add_device c0 >$pktgen/kpktgend_0
		for setting in "count $1" "clone_skb 0" "pkt_size 64" "delay 0" "dst 198.51.100.2" \
			"src_min 192.168.1.2" "src_max 192.168.1.2" "udp_src_min 4000" "udp_src_max 4000" \
			"udp_dst_min 9" "udp_dst_max 9" "dst_mac $2"; do
			echo "$setting" >$pktgen/c0
		done
		echo start >$pktgen/pgctrl
		sed -n "s/.* \([0-9]*\)pps.*/\1/p" $pktgen/c0
	' - "$1" "$(mac lan1)"
}

# end_early DEVICE [NAMESPACE]: the packets end at that device's ingress.
end_early() {
	${2-} nft -f - <<-EOF
	table netdev early {
		chain ingress {
			type filter hook ingress device $1 priority -500; policy accept;
			udp dport 9 counter drop
		}
	}
	EOF
}

# nanoseconds of the router's own work for a packet: with it minus without it.
cost_per_packet() {
	packets_per_second 200 >/dev/null
	through=$(packets_per_second 20000)
	end_early lan1
	alone=$(packets_per_second 20000)
	nft delete table netdev early
	echo $((1000000000 / through - 1000000000 / alone))
}

scenario_a_packet_on_the_fast_path_costs_a_fraction() {
	modprobe pktgen
	cable client c0 lan1
	cable server s0 wan
	lan=lan1 wan=wan
	lan_is $lan
	wan_is $wan
	end_early s0 server
	ruleset '' | nft -f -
	client ping -c 1 -W 2 198.51.100.2
	slow=$(cost_per_packet)
	ruleset "$(flowtable 'lan1, wan')" | nft -f -
	fast=$(cost_per_packet)
	note "forwarding a packet: $slow instructions, on the fast path $fast ($((slow * 10 / fast))/10)"
	expect "the fast path to cost less than half" [ $((fast * 2)) -lt "$slow" ]
}
