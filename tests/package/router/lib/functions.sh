# The two functions that packages' scripts call, as far as a package with one init script needs them.
# shellcheck shell=dash

default_postinst() {
	service_of "$1" | while read -r script; do
		if [ -n "$IPKG_INSTROOT" ]; then
			/bin/sh "$IPKG_INSTROOT/etc/rc.common" "$IPKG_INSTROOT$script" enable
		else
			[ "$PKG_UPGRADE" = 1 ] || "$script" enable
			"$script" start
		fi
	done
}

default_prerm() {
	service_of "$1" | while read -r script; do
		if [ -n "$IPKG_INSTROOT" ]; then
			/bin/sh "$IPKG_INSTROOT/etc/rc.common" "$IPKG_INSTROOT$script" disable
		else
			[ "$PKG_UPGRADE" = 1 ] || "$script" disable
			"$script" stop
		fi
	done
}

# Of opkg's scripts $1 is .../NAME.postinst, apk's say the name themselves.
service_of() {
	[ -z "$pkgname" ] || set -- "${root:-}/lib/apk/packages/$pkgname.script"
	grep '^/etc/init.d/' "${1%.*}.list"
}
