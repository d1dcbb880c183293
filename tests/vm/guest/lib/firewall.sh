# The firewall under test, on a router laid out in /run/router: what netifd and UCI say stands in files, sysfs, procfs and
# the kernel are the machine's own.

firewall() { ferrowall --root /run/router "$@"; }

# address ADDRESS/BITS: as netifd shows it.
address() { printf '{"address": "%s", "mask": %s}' "${1%/*}" "${1#*/}"; }

# network NAME L3-DEVICE DEVICE ADDRESS/BITS IPV6-ADDRESS/BITS: one of netifd's interfaces; DEVICE may be empty.
network() {
	cat <<-EOF
	{"interface": "$1", "up": true, "l3_device": "$2", ${3:+"\"device\": \"$3\","}
	 "ipv4-address": [$(address "$4")], "ipv6-address": [$(address "$5")], "ipv6-prefix-assignment": [],
	 "proto": "static", "data": {}}
	EOF
}

# device_kind DEVICE: netifd's devtype.
device_kind() {
	if [ -d "/sys/class/net/$1/bridge" ]; then
		echo bridge
	elif [ -e "/proc/net/vlan/$1" ]; then
		echo vlan
	else
		echo ethernet
	fi
}

# netifd_sees: what it would answer about the links as they are now.
netifd_sees() {
	mkdir -p /run/router/ubus
	{
		echo '{"interface": ['
		network lan "$lan" "$lan" 192.168.1.1/24 fd00:1::1/64
		if [ -e "/sys/class/net/$wan" ]; then
			echo ,
			network wan "$wan" "$wan_port" 198.51.100.1/24 fd00:2::1/64
		fi
		echo ']}'
	} >/run/router/ubus/network.interface-dump.json
	{
		echo '{'
		for path in /sys/class/net/*; do
			echo "\"${path##*/}\": {\"present\": true, \"up\": true, \"devtype\": \"$(device_kind "${path##*/}")\"},"
		done
		echo '"lo": {"present": true, "up": true, "devtype": "loopback"}}'
	} >/run/router/ubus/network.device-status.json
	echo '{}' >/run/router/ubus/service-get_data.json
}

# configure off|software|hardware [LINES]: etc/config/firewall, with LINES added to the defaults.
configure() {
	mkdir -p /run/router/etc/config /run/router/var/run
	{
		cat <<-EOF
		config defaults
			option input 'ACCEPT'
			option output 'ACCEPT'
			option forward 'REJECT'
		EOF
		[ "$1" = off ] || echo "	option flow_offloading '1'"
		[ "$1" != hardware ] || echo "	option flow_offloading_hw '1'"
		[ $# -lt 2 ] || echo "$2"
		cat <<-EOF

		config zone
			option name 'lan'
			list network 'lan'
			option input 'ACCEPT'
			option output 'ACCEPT'
			option forward 'ACCEPT'

		config zone
			option name 'wan'
			list network 'wan'
			option input 'ACCEPT'
			option output 'ACCEPT'
			option forward 'REJECT'
			option masq '1'
			option mtu_fix '1'

		config forwarding
			option src 'lan'
			option dest 'wan'

		config redirect
			option name 'Echo'
			option src 'wan'
			option proto 'tcp udp'
			option src_dport '8080'
			option dest 'lan'
			option dest_ip '192.168.1.2'
			option dest_port '5201'
		EOF
	} >/run/router/etc/config/firewall
}

# router off|software|hardware: the links as they are now, configured, nothing loaded yet.
router() {
	mkdir -p /run/router/sys /run/router/proc
	mount --rbind /sys /run/router/sys
	mount --rbind /proc /run/router/proc
	netifd_sees
	configure "$@"
}

# flowtable_devices: those the kernel has, in a line.
flowtable_devices() {
	nft list flowtables | sed -n 's/.*devices = { \(.*\) }.*/\1/p' | tr -d '",' | tr ' ' '\n' | sort | paste -s -d ' '
}
flowtable_devices_are() { [ "$(flowtable_devices)" = "$*" ]; }
flowtable_is_hardware() { nft list flowtables | grep -q 'flags offload'; }

# number KEY FILE: the first of that name in a JSON text.
number() { grep -o "\"$1\": *[0-9]*" "$2" | sed 's/.*[: ]//;q'; }
