# Kinds of links between the router and its LAN and WAN. Each sets lan and wan, the devices that traffic is routed
# over, and wan_port, what netifd calls the WAN's "device" (nothing: it gives none), and puts the addresses on.

# ports KIND: the router's first LAN port and its WAN port, cables plugged in, as virtual or as hardware ports.
ports() {
	case $1 in
	veth)
		cable client c0 lan1
		cable server s0 wan
		lan_port=lan1 wan_port=wan spare_port=lan2
		;;
	hardware)
		shift
		hw_ports 3 "$@"
		hw_cable client c0 0
		hw_cable server s0 1
		lan_port=hw0 wan_port=hw1 spare_port=hw2
		;;
	esac
	lan=$lan_port wan=$wan_port
}

plain() {
	lan_is $lan
	wan_is $wan
}

bridge_ports() {
	[ -e "/sys/class/net/$spare_port" ] || unplugged $spare_port
	ip link set $spare_port up
	bridge_of br-lan $lan_port $spare_port
	lan=br-lan
}

bridge() {
	bridge_ports
	lan_is $lan
	wan_is $wan
}

vlan_aware_bridge() {
	bridge_ports
	ip link set br-lan type bridge vlan_filtering 1
	command bridge vlan add dev br-lan vid 10 self
	command bridge vlan add dev $lan_port vid 10 pvid untagged
	vlan_on br-lan 10
	lan=br-lan.10
	lan_is $lan
	wan_is $wan
}

# The WAN in a VLAN of its port; on veth ports the LAN too.
vlan() {
	vlan_on s0 10 server
	vlan_on $wan_port 10
	wan=$wan_port.10
	wan_is $wan s0.10
	wan_port=$wan
	lan_is $lan
}

pppoe() {
	pppoe_wan $wan_port
	wan=pppoe-wan
	lan_is $lan
	wan_is $wan ppp0
}

# wireguard DEVICE: netifd gives none for a WireGuard interface.
wireguard() {
	underlay $wan_port
	wireguard_peers "$1"
	wan=$1 wan_port=
	lan_is $lan
	wan_is "$1" wg0
}

# wwan0, as a modem's: raw IP, no Ethernet. netifd's "device" is no network device at all.
raw_ip() {
	wireguard wwan0
	wan_port=/dev/cdc-wdm0
}
