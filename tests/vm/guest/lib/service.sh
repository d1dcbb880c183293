# The package's files on the machine itself, with stand-ins for rc.common and procd, and a bus with netifd on it.

# installed off|software|hardware: the links as they are now, configured, nothing loaded yet.
installed() {
	cp -r router/etc router/lib files/etc files/usr /
	ln -sf /payload/bin/ferrowall /sbin/ferrowall
	ln -sf ferrowall /sbin/fw4
	mkdir -p /run/ubus
	configure "$@"
	cp /run/router/etc/config/firewall /etc/config/firewall
	netifd_sees
	in_background bus serve /run/ubus/ubus.sock /run/router/ubus
	eventually 5 "netifd on the bus" bus call network.interface dump
}

# service ACTION: of the init script.
service() { sh /etc/rc.common /etc/init.d/firewall "$@"; }

# serve: what procd does with the command that the init script gave it.
serve() {
	expect "procd to know the daemon" grep -qx 'command /sbin/ferrowall serve' /run/procd/firewall
	in_background ferrowall serve
	eventually 5 "the firewall on the bus" bus call firewall status
}

# interface ACTION NAME: netifd tells of it.
interface() { bus event network.interface "{\"action\": \"$1\", \"interface\": \"$2\"}"; }

# bus_says TEXT: in the answer of the object's status.
bus_says() { bus call firewall status | grep -F -- "$1"; }
