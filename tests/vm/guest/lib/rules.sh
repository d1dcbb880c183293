# Rulesets as text, shaped like fw4's, for what the kernel does whoever loads them, and for doing things fw4's way.

# flowtable DEVICES [hardware]: its text.
flowtable() {
	echo "flowtable ft { hook ingress priority 0; devices = { $1 }; ${2:+flags offload;} counter; }"
}

# ruleset FLOWTABLE [FORWARD-RULES]: masquerades on $wan, forwards port 8080 on $wan to the client.
ruleset() {
	cat <<-EOF
	table inet fw4
	delete table inet fw4
	table inet fw4 {
		$1
		chain forward {
			type filter hook forward priority filter; policy drop;
			${1:+meta l4proto { tcp, udp \} flow offload @ft;}
			${2-}
			ct state vmap { established : accept, related : accept }
			iifname "$lan" accept
			ct status dnat accept
		}
		chain dstnat {
			type nat hook prerouting priority dstnat; policy accept;
			iifname "$wan" tcp dport 8080 dnat ip to 192.168.1.2:5201
			iifname "$wan" udp dport 8080 dnat ip to 192.168.1.2:5201
		}
		chain srcnat {
			type nat hook postrouting priority srcnat; policy accept;
			meta nfproto ipv4 oifname "$wan" masquerade
		}
		chain mangle_forward {
			type filter hook forward priority mangle; policy accept;
			oifname "$wan" tcp flags syn / fin,syn,rst tcp option maxseg size set rt mtu
		}
	}
	EOF
}
