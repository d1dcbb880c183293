# Which queues see the packets of offloaded flows, what Ferrowall says of it, and what keeping flows out does for them.

# shape DEVICE: what leaves by it goes through a queue that counts.
shape() { tc qdisc replace dev "$1" root cake bandwidth 100mbit; }

# shape_incoming DEVICE: what comes in by it does, over an ifb, as SQM makes it.
shape_incoming() {
	ip link add "ifb-$1" type ifb
	ip link set "ifb-$1" up
	shape "ifb-$1"
	tc qdisc add dev "$1" handle ffff: ingress
	tc filter add dev "$1" parent ffff: protocol all flower action mirred egress redirect dev "ifb-$1"
}

# queued DEVICE: packets that its root queue has sent.
queued() { tc -s qdisc show dev "$1" root | sed -n 's/^ Sent [0-9]* bytes \([0-9]*\) pkt.*/\1/p' | head -n 1; }

# offloaded_over MODE LINK [ARGUMENT]: a flow, offloaded over a link of lib/links.sh.
offloaded_over() {
	mode=$1
	shift
	case $mode in
	software) ports veth ;;
	hardware) ports hardware ;;
	esac
	"$@"
	router "$mode"
	firewall start
	start_connections client-tcp-4
	eventually 5 "a flow in $mode" "${mode}_flows_are" -eq 1
	eventually 5 "the forward counter to stand still" forward_stands_still client-tcp-4
}

# see DEVICE...: sets messages, and the files DEVICE.seen and slow, to what happens within five seconds.
see() {
	for device in "$@"; do
		queued "$device" >"/run/scenario/$device.before"
	done
	slow_before=$(forwarded)
	messages=$(arriving 5 client-tcp-4)
	slow=$(($(forwarded) - slow_before))
	for device in "$@"; do
		seen=$(($(queued "$device") - $(cat "/run/scenario/$device.before")))
		echo $seen >"/run/scenario/$device.seen"
		note "$device: its queue saw $seen packets of $messages messages"
	done
	expect "the flow to go on" [ "$messages" -ge 200 ]
}
saw_all() { [ "$(cat "/run/scenario/$1.seen")" -ge "$messages" ]; }
saw_nothing() { [ "$(cat "/run/scenario/$1.seen")" -le 20 ]; }

# says LINE: `offload` has this conflict; says_nothing_of DEVICE.
says() { firewall offload | grep -qxF "conflict: $1"; }
says_nothing_of() { ! firewall offload | grep -q "^conflict: .* on $1: "; }
bypassed='offloaded flows pass it by'

scenario_what_leaves_by_ports_goes_through_their_queues() {
	offloaded_over software plain
	shape lan1
	shape wan
	see lan1 wan
	for device in lan1 wan; do
		expect "all packets in the queue of $device" saw_all $device
		expect "no word of it" says_nothing_of $device
	done
}

scenario_what_leaves_by_a_bridge_passes_by_its_queue() {
	offloaded_over software bridge
	shape br-lan
	see br-lan
	expect "nothing in the queue" saw_nothing br-lan
	expect "that to be said" says "cake on br-lan: $bypassed"
}

# sees_nothing_incoming DEVICE: a filter for what comes in, hung into clsact, is asked for no packet of the flow.
sees_nothing_incoming() {
	tc filter add dev "$1" ingress protocol all matchall action ctinfo dscp 0xfc000000
	see
	matched=$(tc -s filter show dev "$1" ingress | sed -n 's/.* \([0-9]*\) pkt.*/\1/p' | head -n 1)
	note "$1: its clsact saw $matched packets of $messages messages"
	[ "$matched" -le 20 ]
}

scenario_clsact_above_the_ports_is_passed_by_and_named_and_fq_codel_is_not_named() {
	offloaded_over software bridge
	tc qdisc add dev br-lan clsact
	tc qdisc replace dev wan root fq_codel
	tc qdisc replace dev br-lan root fq_codel
	expect "nothing of the flow in clsact" sees_nothing_incoming br-lan
	expect "that to be said" says "clsact on br-lan: $bypassed"
	expect_not "a word of fq_codel" sh -c 'ferrowall --root /run/router offload | grep fq_codel'
	expect "no word of the port" says_nothing_of wan
}

# upper_queue LINK DEVICE: the queue of a VLAN or PPPoE device.
upper_queue() {
	offloaded_over software "$1"
	shape "$2"
	see "$2"
	if kernel_at_least 6 19; then
		expect "nothing in the queue" saw_nothing "$2"
		expect "that to be said" says "cake on $2: $bypassed"
	else
		expect "all in the queue" saw_all "$2"
		expect "no word of it" says_nothing_of "$2"
	fi
}
scenario_what_leaves_by_a_vlan_passes_by_its_queue_on_new_kernels() { upper_queue vlan wan.10; }
scenario_what_leaves_by_pppoe_passes_by_its_queue_on_new_kernels() { upper_queue pppoe pppoe-wan; }

scenario_what_comes_in_by_pppoe_passes_by_its_queue() {
	offloaded_over software pppoe
	shape_incoming pppoe-wan
	see ifb-pppoe-wan
	expect "nothing in the queue" saw_nothing ifb-pppoe-wan
	expect "nothing on the slow path" [ $slow -le 2 ]
	expect "that to be said" says "ingress on pppoe-wan: $bypassed"
}

scenario_what_is_redirected_at_a_port_takes_the_slow_path() {
	offloaded_over software plain
	shape_incoming wan
	see ifb-wan
	expect "all in the queue" saw_all ifb-wan
	expect "one direction on the slow path" [ $slow -ge 200 ]
	expect "shown as offloaded all the same" software_flows_are -eq 1
	expect "that to be said" says "ingress on wan: what it redirects stays on the slow path, shown as offloaded or not"
}

scenario_no_queue_sees_what_the_hardware_forwards() {
	offloaded_over hardware plain
	shape hw0
	shape hw1
	shape_incoming hw1
	see hw0 hw1 ifb-hw1
	for device in hw0 hw1 ifb-hw1; do
		expect "nothing in the queue of $device" saw_nothing $device
	done
	expect "that to be said" says "cake on hw1: $bypassed"
	expect "and of what comes in" says "ingress on hw1: $bypassed"
}

# A class of packets marked EF by a rule, and bulk.
classified="
config rule
	option name 'Voice'
	option src 'lan'
	option dest 'wan'
	option proto 'udp'
	option dest_port '5202'
	option target 'DSCP'
	option set_dscp 'EF'
"

# in_voice_tin: packets in cake's fourth tin.
in_voice_tin() { tc -s qdisc show dev wan | awk '$1 == "pkts" { print $5 }'; }

# under_load NAME: the class's latency beside bulk, in microseconds, and its packets in the tin it belongs to.
under_load() {
	tin_before=$(in_voice_tin)
	for _ in 1 2; do
		client traffic tcp 198.51.100.2 5201 20000000 &
		echo $! >>/run/scenario/background
		echo $! >>/run/scenario/bulk
	done
	sleep 2
	client traffic latency 198.51.100.2 5202 100 >/run/scenario/latency
	conntrack -L -p tcp --dport 5201 2>/dev/null | grep -E 'OFFLOAD|ESTABLISHED' >/run/scenario/bulk-connections
	bulk_offloaded=$(grep -cF '[OFFLOAD]' /run/scenario/bulk-connections) || true
	class_offloaded=$(conntrack -L -p udp --dport 5202 2>/dev/null | grep -cF '[OFFLOAD]') || true
	while read -r pid; do
		kill "$pid" 2>/dev/null || true
	done </run/scenario/bulk
	rm /run/scenario/bulk
	client sh -c 'for pid in $(pidof traffic); do tr "\0" " " </proc/$pid/cmdline | grep -q "^traffic tcp " && kill $pid; done' || true
	conntrack -F >/dev/null 2>&1
	sleep 1
	latency=$(cat /run/scenario/latency)
	in_tin=$(($(in_voice_tin) - tin_before))
	note "$1: latency of the class under load $latency µs (median), $in_tin of its 100 packets in cake's voice tin, offloaded: $bulk_offloaded of $(wc -l </run/scenario/bulk-connections) bulk connections, $class_offloaded of 1 of the class"
}

scenario_a_class_that_is_kept_out_has_its_latency_back_while_bulk_stays_offloaded() {
	ports veth
	plain
	router off
	echo "$classified" >>/run/router/etc/config/firewall
	firewall start
	echo_servers
	in_background server traffic serve 5202
	tc qdisc replace dev wan root cake bandwidth 5mbit diffserv4 flowblind
	under_load "without offload"
	shaped=$latency
	expect "the class in its tin" [ "$in_tin" -ge 100 ]
	configure software
	echo "$classified" >>/run/router/etc/config/firewall
	firewall reload
	expect "the rule to be named" sh -c 'ferrowall --root /run/router status | grep -q "Voice.* marks the first packets of a connection only"'
	under_load "offloaded"
	offloaded=$latency
	expect "the class out of its tin" [ "$in_tin" -le 5 ]
	expect "all offloaded" [ "$bulk_offloaded $class_offloaded" = '2 1' ]
	configure software "	option flow_offloading_exempt_marked '1'"
	echo "$classified" >>/run/router/etc/config/firewall
	firewall reload
	expect_not "a word about the rule" sh -c 'ferrowall --root /run/router status | grep -q "marks the first packets"'
	under_load "the class kept out"
	expect "the class in its tin again" [ "$in_tin" -ge 100 ]
	expect "bulk offloaded, the class not" [ "$bulk_offloaded $class_offloaded" = '2 0' ]
	note "latency of the class against the shaper's alone: offloaded $(ratio "$offloaded" "$shaped"), kept out $(ratio "$latency" "$shaped")"
	expect "the latency of the shaper" [ "$latency" -le $((shaped * 3 / 2)) ]
	expect "more when offloaded" [ "$offloaded" -ge $((shaped * 2)) ]
}

# ratio A B: with one decimal.
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a / b }'; }
