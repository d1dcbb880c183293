# The firewall as a service: init script, UCI, daemon and netifd's events together, down to the flowtable.

# The line is what `uci set firewall.@defaults[0].flow_offloading=1` leaves in /tmp/.uci until it is committed.
scenario_an_option_set_with_uci_is_a_flowtable_after_a_restart() {
	ports veth
	plain
	installed off
	service start
	serve
	expect "no flowtable" [ -z "$(flowtable_devices)" ]
	expect "status to say so" bus_says '"effective":"off"'
	mkdir -p /tmp/.uci
	echo "firewall.cfg01e63d.flow_offloading='1'" >/tmp/.uci/firewall
	service restart
	expect "a flowtable" [ "$(flowtable_devices)" = 'lan1 wan' ]
	expect "status to say so" bus_says '"requested":"software","effective":"software"'
	fast_path software $one_of_each

	handle=$(flowtable_handle)
	rm /tmp/.uci/firewall
	sed -i "/^config defaults/a option flow_offloading '1'" /etc/config/firewall
	service reload
	expect "the same flowtable once it is committed" [ "$(flowtable_handle)" = "$handle" ]
	sed -i /flow_offloading/d /etc/config/firewall
	service reload
	expect "no flowtable" [ -z "$(flowtable_devices)" ]
}

# The WAN's device appears after boot; nobody reloads, netifd tells of its interface.
scenario_a_device_that_appears_ten_seconds_after_boot_is_offloaded_by_the_daemon() {
	cable client c0 lan1
	lan=lan1 wan=wwan0 wan_port=/dev/cdc-wdm0
	lan_is $lan
	installed software
	service boot
	serve
	expect "lan1 alone in the flowtable" [ "$(flowtable_devices)" = lan1 ]
	handle=$(flowtable_handle)
	sleep 10
	cable server s0 uplink
	underlay uplink
	wireguard_peers wwan0
	wan_is wwan0 wg0
	netifd_sees
	interface ifup wan
	eventually 5 "wwan0 in the flowtable" flowtable_devices_are lan1 wwan0
	expect "one load for it" bus_says '"action":"reload","requested_by":"netifd"'
	expect "no other since boot" bus_says '"generation":2'
	expect "the same flowtable" [ "$(flowtable_handle)" = "$handle" ]
	fast_path software $one_of_each
}

# The daemon's own children may do all that it takes. A caller who does not wait that long is told so; the act goes on.
scenario_the_daemon_gets_flows_out_of_the_hardware() {
	ports hardware
	plain
	installed hardware
	service start
	serve
	start_connections $one_of_each
	eventually 5 "three flows in hardware" hardware_flows_are -eq 3
	sed -i /flow_offloading_hw/d /etc/config/firewall
	in_background bus call firewall reload
	eventually 45 "the daemon to load it" bus_says '"requested":"software","effective":"software"'
	note "it took $(ferrowall status | sed -n 's/^last load: reload in \(.*\): ok/\1/p')"
	expect "an empty engine" engine_entries_are -eq 0
	expect "the time-outs of flows to be what they were" timeouts_are 30 30
	eventually 5 "three flows in software" software_flows_are -eq 3
	eventually 5 "the forward counter to stand still" forward_stands_still $one_of_each
}
