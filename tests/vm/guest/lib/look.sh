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

# connections [PORT]: conntrack's lines for connections to PORT (5201).
connections() {
	for connection_family in ipv4 ipv6; do
		for connection_protocol in tcp udp; do
			conntrack -L -f $connection_family -p $connection_protocol --orig-port-dst "${1-5201}" 2>/dev/null
		done
	done
}

# offloaded [PORT]: is a connection to PORT in the flowtable, in software?
offloaded() { connections "$@" | grep -qF '[OFFLOAD]'; }
# hw_offloaded [PORT]: or in hardware?
hw_offloaded() { connections "$@" | grep -qF '[HW_OFFLOAD]'; }
not_offloaded() { ! connections "$@" | grep -q 'OFFLOAD\]'; }

# engine WHAT: a number of ppe0/stats.
engine() { sed -n "s/^$1 //p" /sys/kernel/debug/ppe0/stats; }
engine_entries_are() { [ "$(engine entries)" "$1" "$2" ]; }

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
answered_more_than() { [ "$(answered "$2")" -gt "$1" ]; }

# flows SECONDS [NAME]: messages that come back in that time.
arriving() {
	arriving_before=$(answered "${2-flow}")
	sleep "$1"
	echo $(($(answered "${2-flow}") - arriving_before))
}
