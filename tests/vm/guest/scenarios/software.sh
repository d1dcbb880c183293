# Software offload: flows leave the forward path and arrive unharmed, over every kind of link.

# fast_path FAMILY PROTOCOL [FROM]: a connection from the client to the server (or from the server to port 8080
# of the router) is offloaded, its packets pass the forward hook no more, and it carries data unharmed.
fast_path() {
	case $1 in
	4) address=198.51.100.2 ;;
	6) address=fd00:2::2 ;;
	esac
	port=5201 from=client name=$1$2
	if [ "${3-client}" = server ]; then
		address=198.51.100.1 port=8080 from=server name=$1$2-forwarded
	fi
	keep "$2" "$address" "$port" "$name" "$from"
	eventually 5 "[OFFLOAD] on IPv$1 $2" offloaded "$port"
	before=$(forwarded)
	came_back=$(arriving 1 "$name")
	expect "messages to come back" [ "$came_back" -ge 30 ]
	expect "the forward counter to stand still" [ $(($(forwarded) - before)) -le 1 ]
	before=$(forwarded)
	case $2 in
	tcp) ip netns exec "$from" traffic tcp "$address" "$port" 1000000 ;;
	udp) ip netns exec "$from" traffic udp "$address" "$port" 300 ;;
	esac
	passed_slowly=$(($(forwarded) - before))
	expect "few packets on the slow path, not $passed_slowly" [ "$passed_slowly" -le 40 ]
}

every_direction() {
	echo_servers
	watch_forward
	for family in 4 6; do
		for protocol in tcp udp; do
			fast_path $family $protocol
		done
	done
	fast_path 4 tcp server
	fast_path 4 udp server
}

plain_links() {
	cable client c0 lan1
	cable server s0 wan
	lan=lan1 wan=wan
	lan_is $lan
	wan_is $wan
}

scenario_without_a_flowtable_every_packet_is_forwarded() {
	plain_links
	ruleset '' | nft -f -
	echo_servers
	watch_forward
	client traffic tcp 198.51.100.2 5201 1000000
	expect "packets on the slow path" [ "$(forwarded)" -ge 1000 ]
	expect "no offload" not_offloaded
}

scenario_plain_ports() {
	plain_links
	ruleset "$(flowtable 'lan1, wan')" | nft -f -
	every_direction
}

scenario_bridge_with_the_bridge_listed() {
	cable client c0 lan1
	cable client unused lan2
	cable server s0 wan
	bridge_of br-lan lan1 lan2
	lan=br-lan wan=wan
	lan_is $lan
	wan_is $wan
	ruleset "$(flowtable 'br-lan, wan')" | nft -f -
	every_direction
}

scenario_bridge_with_its_ports_listed() {
	cable client c0 lan1
	cable client unused lan2
	cable server s0 wan
	bridge_of br-lan lan1 lan2
	lan=br-lan wan=wan
	lan_is $lan
	wan_is $wan
	ruleset "$(flowtable 'lan1, lan2, wan')" | nft -f -
	every_direction
}
