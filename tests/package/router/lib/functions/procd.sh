# What procd knows is kept in files: a service exists if /var/run/procd/NAME does, which lists its triggers
# and what its instances are to be.
# shellcheck shell=dash

procd_open_service() {
	mkdir -p /var/run/procd
	PROCD_SERVICE=/var/run/procd/$1
	: >"$PROCD_SERVICE.new"
}
procd_close_service() {
	service_triggers
	mv "$PROCD_SERVICE.new" "$PROCD_SERVICE"
}
procd_add_reload_trigger() { echo "config.change $1" >>"$PROCD_SERVICE.new"; }
procd_add_reload_data_trigger() { echo "service.data.update $1" >>"$PROCD_SERVICE.new"; }
procd_open_instance() { echo "instance" >>"$PROCD_SERVICE.new"; }
procd_set_param() { echo "$*" >>"$PROCD_SERVICE.new"; }
procd_close_instance() { :; }
procd_kill() { rm -f "/var/run/procd/$1"; }
procd_status() {
	if [ -e "/var/run/procd/$1" ]; then
		echo "active with no instances"
	else
		echo "inactive"
		return 3
	fi
}
