# The claim that most scenarios make: these connections take the fast path, and their data arrives unharmed.
#
# A connection is written as FROM-PROTOCOL-FAMILY: client-udp-6 goes from the client to the server over IPv6,
# server-tcp-4 from the server to port 8080 of the router, which is forwarded to the client.

every_connection='client-tcp-4 client-udp-4 client-tcp-6 client-udp-6 server-tcp-4 server-udp-4'
one_of_each='client-tcp-4 client-udp-6 server-tcp-4'

# parse_connection NAME: sets from, protocol, address and port.
parse_connection() {
	from=${1%%-*}
	protocol=${1#*-}
	protocol=${protocol%-*}
	case $1 in
	client-*-4) address=${server_address-198.51.100.2} port=5201 ;;
	client-*-6) address=${server_address6-fd00:2::2} port=5201 ;;
	server-*-4) address=${router_address-198.51.100.1} port=8080 ;;
	*) fail "no such connection: $1" ;;
	esac
}

start_connections() {
	echo_servers
	watch_forward
	# A tunnel may need a second try for its handshake.
	eventually 20 "the server to be reached" client ping -c 1 -W 1 198.51.100.2
	eventually 5 "the server to be reached over IPv6" client ping -c 1 -W 1 fd00:2::2
	for connection in "$@"; do
		parse_connection "$connection"
		keep "$protocol" "$address" $port "$connection" "$from"
	done
	for connection in "$@"; do
		eventually 10 "the first answer on $connection" answered_more_than 0 "$connection"
	done
}

# carries_data CONNECTION...: in bulk, each in a connection of its own.
carries_data() {
	for connection in "$@"; do
		parse_connection "$connection"
		case $protocol in
		tcp) ip netns exec "$from" traffic tcp $address $port 300000 ;;
		udp) ip netns exec "$from" traffic udp $address $port 100 ;;
		esac
	done
}

# flowing CONNECTION...: during one second messages come back on each of them.
flowing() {
	for connection in "$@"; do
		answered "$connection" >"/run/scenario/$connection.before"
	done
	sleep 1
	for connection in "$@"; do
		came_back=$(($(answered "$connection") - $(cat "/run/scenario/$connection.before")))
		[ $came_back -ge 20 ] || return 1
	done
}

# forward_stands_still CONNECTION...: they flow for a second, unseen by the forward hook. A TCP segment that is
# sent again may go the long way; 50 messages a second and their answers do not.
forward_stands_still() {
	slow_before=$(forwarded)
	flowing "$@" || return 1
	slow=$(($(forwarded) - slow_before))
	[ $slow -le 2 ]
}

# fast_path software|hardware CONNECTION...
fast_path() {
	where=$1
	shift
	start_connections "$@"
	eventually 5 "$# flows in $where" "${where}_flows_are" -eq $#
	# A route that changes after a link came up throws a flow out once; it is back after a second.
	eventually 5 "the forward counter to stand still" forward_stands_still "$@"
	slow_before=$(forwarded)
	carries_data "$@"
	slow=$(($(forwarded) - slow_before))
	# Opening and closing a connection takes the slow path, and so do the first packets, until the flow is in.
	expect "few packets on the slow path, not $slow" [ $slow -le $((60 * $#)) ]
}

# slow_path CONNECTION...: they flow, but not offloaded.
slow_path() {
	start_connections "$@"
	eventually 5 "messages to come back" flowing "$@"
	expect "no flow in software" software_flows_are -eq 0
	expect "no flow in hardware" hardware_flows_are -eq 0
}

# offloaded CONNECTION...: in the flowtable, whatever forwards them.
offloaded() {
	for connection in "$@"; do
		parse_connection "$connection"
		connection_lines=$({ conntrack -L -p "$protocol" -f ipv4; conntrack -L -p "$protocol" -f ipv6; } 2>/dev/null |
			grep -F "dst=$address " | grep "dport=$port ")
		echo "$connection_lines" | grep -q OFFLOAD || return 1
	done
}
slow() {
	for connection in "$@"; do
		! offloaded "$connection" || return 1
	done
}
