# Looking at flows from outside the firewall: conntrack, a counter of our own, the engine.

# watch_forward: counts what passes the forward hook, whatever ruleset the firewall loads. Packets on the fast
# path do not.
watch_forward() {
	nft -f - <<-'EOF'
	table inet watch {
		counter forwarded { }
		chain forward {
			type filter hook forward priority -310; policy accept;
			meta l4proto { tcp, udp } counter name forwarded
		}
	}
	EOF
}

# forwarded: packets so far.
forwarded() {
	nft list counter inet watch forwarded | sed -n 's/.*packets \([0-9]*\) .*/\1/p'
}

# connections: conntrack's lines for the connections to the echo servers.
connections() {
	for connection_family in ipv4 ipv6; do
		conntrack -L -f $connection_family 2>/dev/null
	done | grep -E 'dport=(5201|8080) '
}

# How many of them are in the flowtable, and carried by software or by hardware?
in_software() { connections | grep -cF '[OFFLOAD]'; }
in_hardware() { connections | grep -cF '[HW_OFFLOAD]'; }
software_flows_are() { [ "$(in_software)" "$1" "$2" ]; }
hardware_flows_are() { [ "$(in_hardware)" "$1" "$2" ]; }

# The flowtable's handle tells whether it is still the same.
flowtable_handle() { nft -a list flowtables | sed -n 's/.*flowtable ft { # handle //p'; }

# engine WHAT: a number of ppe0/stats.
engine() { sed -n "s/^$1 //p" /sys/kernel/debug/ppe0/stats; }
engine_entries_are() { [ "$(engine entries)" "$1" "$2" ]; }

# timeouts_are TCP UDP: those of flows, in seconds.
timeouts_are() { [ "$(sysctl -n net.netfilter.nf_flowtable_tcp_timeout) $(sysctl -n net.netfilter.nf_flowtable_udp_timeout)" = "$*" ]; }

# keep PROTOCOL ADDRESS [PORT [NAME [NAMESPACE]]]: a connection that goes on until the scenario ends.
keep() {
	keep_name=${4-flow}
	: >"/run/scenario/$keep_name.count"
	in_background ip netns exec "${5-client}" traffic keep "$1" "$2" "${3-5201}" "/run/scenario/$keep_name.count"
}

# answered [NAME]: how many of its messages came back.
answered() {
	answered_count=$(cat "/run/scenario/${1-flow}.count")
	echo "${answered_count:-0}"
}
answered_more_than() { [ "$(answered "${2-flow}")" -gt "$1" ]; }

# arriving SECONDS [NAME]: messages that come back in that time.
arriving() {
	arriving_before=$(answered "${2-flow}")
	sleep "$1"
	echo $(($(answered "${2-flow}") - arriving_before))
}
