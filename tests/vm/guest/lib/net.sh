# The network around the router. The router is the machine itself (its first network namespace), so that
# sysfs, debugfs and every program see it as they would on a real one; the client on its LAN and the server
# out on the WAN are namespaces.
#
#	client ---------- LAN device | router | WAN device ---------- server
#	192.168.1.2      192.168.1.1           198.51.100.1     198.51.100.2
#	fd00:1::2        fd00:1::1             fd00:2::1        fd00:2::2
#
# The server has no route to 192.168.1.0/24: IPv4 arrives there only if the router masquerades.

client() { ip netns exec client "$@"; }
server() { ip netns exec server "$@"; }

# in_background COMMAND...: ended when the scenario is over.
in_background() {
	"$@" &
	echo $! >>/run/scenario/background
}

# mac DEVICE [NAMESPACE]
mac() {
	if [ $# = 2 ]; then
		ip netns exec "$2" cat "/sys/class/net/$1/address"
	else
		cat "/sys/class/net/$1/address"
	fi
}

# Leaves nothing of the scenario before: processes, rules, links, namespaces, connections.
clean_router() {
	umount /run/router/sys/kernel/debug /run/router/sys /run/router/proc 2>/dev/null
	if [ -e /run/scenario/background ]; then
		while read -r pid; do
			kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
		done </run/scenario/background
	fi
	for namespace in client server; do
		for pid in $(ip netns pids $namespace 2>/dev/null); do
			kill -9 "$pid" 2>/dev/null
		done
	done
	nft flush ruleset
	for path in /sys/class/net/*; do
		device=${path##*/}
		[ "$device" = lo ] || ip link del "$device" 2>/dev/null
	done
	ip netns del client 2>/dev/null
	ip netns del server 2>/dev/null
	! grep -q '^hwflow ' /proc/modules || rmmod hwflow
	conntrack -F >/dev/null 2>&1
	rm -rf /run/scenario /run/router /run/ubus /run/procd /run/fw4.* /run/ferrowall.* /tmp/.uci
	mkdir -p /run/scenario
}

# fresh_router: namespaces without a link, a router that forwards.
fresh_router() {
	# the kernel's own values: a scenario before may have wanted others
	sysctl -qw net.netfilter.nf_flowtable_tcp_timeout=30 net.netfilter.nf_flowtable_udp_timeout=30 \
		net.netfilter.nf_conntrack_udp_timeout=30 net.netfilter.nf_conntrack_udp_timeout_stream=120
	for namespace in client server; do
		ip netns add $namespace
		ip -n $namespace link set lo up
	done
	sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.netfilter.nf_conntrack_acct=1 \
		net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0
}

# cable NAMESPACE FAR NEAR: a veth pair from the router's NEAR to NAMESPACE's FAR. Packets have the size
# they have on a wire: without segmentation offload one counts for one.
cable() {
	ip link add "$3" type veth peer name "$2" netns "$1"
	ethtool -K "$3" tso off gso off gro off
	ip netns exec "$1" ethtool -K "$2" tso off gso off gro off
	ip -n "$1" link set "$2" up
	ip link set "$3" up
}

# unplugged PORT: a port of the router with nothing at the other end.
unplugged() {
	ip link add "$1" type veth peer name unplugged netns client
	ip link set "$1" up
}

# hw_cable NAMESPACE FAR N: hwN, a port with a packet engine, to NAMESPACE's FAR.
hw_cable() {
	ip link set "wire$3" netns "$1" name "$2"
	ethtool -K "hw$3" tso off gso off gro off
	ip netns exec "$1" ethtool -K "$2" tso off gso off gro off
	ip -n "$1" link set "$2" up
	ip link set "hw$3" up
}

# hw_ports N [PARAMETER=VALUE...]: the hardware.
hw_ports() {
	[ -e /payload/hwflow.ko ] || skip "no hardware module for this kernel"
	count=$1
	shift
	insmod /payload/hwflow.ko ports="$count" "$@"
}

# lan_is DEVICE [CLIENT-DEVICE]: addresses on both ends, and the client's way out.
lan_is() {
	ip addr add 192.168.1.1/24 dev "$1"
	ip addr add fd00:1::1/64 dev "$1" nodad
	ip -n client addr add 192.168.1.2/24 dev "${2-c0}"
	ip -n client addr add fd00:1::2/64 dev "${2-c0}" nodad
	ip -n client route add default via 192.168.1.1
	ip -n client -6 route add default via fd00:1::1
}

# wan_is DEVICE [SERVER-DEVICE]
wan_is() {
	ip addr add 198.51.100.1/24 dev "$1"
	ip addr add fd00:2::1/64 dev "$1" nodad
	ip -n server addr add 198.51.100.2/24 dev "${2-s0}"
	ip -n server addr add fd00:2::2/64 dev "${2-s0}" nodad
	ip -n server -6 route add default via fd00:2::1
}

# vlan_on DEVICE ID [NAMESPACE]: DEVICE.ID
vlan_on() {
	ip ${3:+-n "$3"} link add link "$1" name "$1.$2" type vlan id "$2"
	ip ${3:+-n "$3"} link set "$1.$2" up
}

# bridge_of NAME PORT...
bridge_of() {
	bridge_name=$1
	shift
	ip link add "$bridge_name" type bridge
	for port in "$@"; do
		ip link set "$port" master "$bridge_name"
	done
	ip link set "$bridge_name" up
}

# pppoe_wan DEVICE: pppoe-wan over the router's DEVICE, with the server's ppp0 over s0 at the other end.
pppoe_wan() {
	in_background pppoe-session "$1" "$(mac s0 server)" 7
	in_background ip netns exec server pppoe-session s0 "$(mac "$1")" 7
	eventually 2 "a PPPoE interface" test -e /sys/class/net/ppp0
	eventually 2 "the server's PPPoE interface" server test -e /sys/class/net/ppp0
	ip link set ppp0 name pppoe-wan mtu 1492
	ip -n server link set ppp0 mtu 1492 up
	ip link set pppoe-wan up
}

# wireguard_peers DEVICE: over the plain link 203.0.113.1-2 on the cable that ends at s0.
wireguard_peers() {
	ip link add "$1" type wireguard
	ip -n server link add wg0 type wireguard
	wg genkey >/run/scenario/router.key
	wg genkey >/run/scenario/server.key
	wg set "$1" listen-port 51820 private-key /run/scenario/router.key \
		peer "$(wg pubkey </run/scenario/server.key)" endpoint 203.0.113.2:51820 allowed-ips 0.0.0.0/0,::/0
	server wg set wg0 listen-port 51820 private-key /run/scenario/server.key \
		peer "$(wg pubkey </run/scenario/router.key)" endpoint 203.0.113.1:51820 allowed-ips 0.0.0.0/0,::/0
	ip link set "$1" up
	ip -n server link set wg0 up
}

# underlay DEVICE: addresses for what is tunnelled over DEVICE and the server's s0.
underlay() {
	ip addr add 203.0.113.1/24 dev "$1"
	ip -n server addr add 203.0.113.2/24 dev s0
}

# echo_servers: both ends answer on port 5201 (the client for port forwards).
echo_servers() {
	in_background ip netns exec server traffic serve 5201
	in_background ip netns exec client traffic serve 5201
	eventually 5 "the server to listen" server sh -c 'grep -q ":1451 " /proc/net/tcp6'
	eventually 5 "the client to listen" client sh -c 'grep -q ":1451 " /proc/net/tcp6'
}
