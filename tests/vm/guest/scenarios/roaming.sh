# A client that moves from one port of the bridge to another, as from one radio to the next.

# two_ports: the client is a station behind lan1, and could be behind lan2.
two_ports() {
	cable client c0 lan1
	cable client c1 lan2
	cable server s0 wan
	bridge_of br-lan lan1 lan2
	ip -n client link add sta address 02:00:00:00:00:77 type bridge
	ip -n client link set c0 master sta
	ip -n client link set sta up
	lan=br-lan wan=wan wan_port=wan
	lan_is br-lan sta
	wan_is wan
}

# moves FROM TO: the station's cables c0 and c1.
moves() {
	ip -n client link set "$1" nomaster
	ip -n client link set "$2" master sta
}

# interruption CONNECTION...: from now until all of them have answers again, in tenths of a second; 400 at most.
interruption() {
	for connection in "$@"; do
		answered "$connection" >"/run/scenario/$connection.before"
	done
	tenths=0
	while [ $tenths -lt 400 ]; do
		back=0
		for connection in "$@"; do
			[ "$(answered "$connection")" -le $(($(cat "/run/scenario/$connection.before") + 3)) ] || back=$((back + 1))
		done
		[ $back -lt $# ] || break
		sleep 0.1
		tenths=$((tenths + 1))
	done
	echo $tenths
}

# roams [OPTION]: sets tenths, how long the connections of a station that moves are interrupted.
roams() {
	two_ports
	router software "${1-}"
	firewall start
	if [ $# -gt 0 ]; then
		in_background ferrowall --root /run/router serve
		sleep 1
	fi
	start_connections client-udp-4 client-tcp-4
	eventually 5 "both offloaded" software_flows_are -eq 2
	eventually 5 "the forward counter to stand still" forward_stands_still client-udp-4 client-tcp-4
	moves c0 c1
	tenths=$(interruption client-udp-4 client-tcp-4)
}

scenario_without_roaming_support_a_station_that_moves_waits_for_its_flows_to_time_out() {
	roams
	note "connections of a station that moved: interrupted for $((tenths / 10)).$((tenths % 10)) s (40.0: no end seen)"
	expect "a long interruption" [ $tenths -ge 200 ]
}

scenario_with_roaming_support_the_flows_of_a_station_follow_it() {
	roams "	option flow_offloading_roaming '1'"
	first=$tenths
	eventually 5 "both offloaded again" software_flows_are -eq 2
	eventually 5 "the forward counter to stand still" forward_stands_still client-udp-4 client-tcp-4
	moves c1 c0
	second=$(interruption client-udp-4 client-tcp-4)
	note "connections of a station that moved: interrupted for $((first / 10)).$((first % 10)) s, and on its way back $((second / 10)).$((second % 10)) s"
	expect "a short interruption" [ "$first" -le 20 ]
	expect "and another" [ "$second" -le 20 ]
	eventually 5 "both offloaded again" software_flows_are -eq 2
}

# After 2 seconds, then 4, 8, ... up to 30, however often it moves; the last move counts.
scenario_a_station_that_moves_all_the_time_does_not_keep_the_router_busy() {
	roams "	option flow_offloading_roaming '1'"
	handle_before=$(nft -a list flowtables | sed -n 's/.*flowtable ft { # handle //p')
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		moves c1 c0
		sleep 0.5
		moves c0 c1
		sleep 0.5
	done
	sleep 8
	expect "the flowtable made anew" [ "$(nft -a list flowtables | sed -n 's/.*flowtable ft { # handle //p')" != "$handle_before" ]
	expect "seven loads at most" [ "$(ferrowall --root /run/router status | sed -n 's/^generation: //p')" -le 9 ]
	eventually 5 "the connections to go on" flowing client-udp-4 client-tcp-4
}
