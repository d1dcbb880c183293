/* A firewall daemon of cardboard: answers as the real one does, from a state that a test can set. */

import { METHOD_NOT_FOUND, NOT_FOUND, OK, UNKNOWN_ERROR } from './server.mjs';

export const CONFIG = '/etc/config/firewall';

export const MISSPELT = {
	severity: 'warning', file: CONFIG, line: 87, column: 9, section: '@rule[3]', name: 'Allow-Ping',
	option: 'proto', value: 'icmpp', message: 'Section @rule[3] (Allow-Ping) option \'proto\' specifies invalid value \'icmpp\'',
	hint: 'did you mean icmp?'
};

export const UNKNOWN_ZONE = {
	severity: 'error', file: CONFIG, line: 121, column: 9, section: '@redirect[0]', name: 'Web server',
	option: 'src', value: 'wna', message: 'Section @redirect[0] (Web server) option \'src\' references a zone that does not exist',
	hint: 'zones are: lan, wan'
};

/* A rich state: hardware asked for and refused, the nft path, one problem. */
export function state() {
	return {
		status: {
			loaded: true,
			table: true,
			busy: false,
			last: {
				action: 'reload', time: Math.floor(Date.now() / 1000) - 95, duration_ms: 23.4, generation: 17, error: null,
				path: 'nft', snippets: ['/etc/nftables.d/20-upnp.nft', '/usr/share/nftables.d/chain-pre/forward/qos.nft'],
				requested_by: 'procd (config.change)',
				offload: {
					requested: 'hardware', effective: 'software', devices: ['eth0', 'lan1', 'lan2', 'pppoe-wan'],
					reason: 'refused by wlan0 (driver has no flow offload)'
				}
			},
			diagnostics: [MISSPELT]
		},
		offload: {
			requested: 'hardware', effective: 'software', reason: 'refused by wlan0 (driver has no flow offload)',
			devices: ['eth0', 'lan1', 'lan2', 'pppoe-wan'], conflicts: ['ingress on pppoe-wan: offloaded flows pass it by'],
			flows: {
				total: 812, software: 212, hardware: 31, share_of_bytes: 0.934, top: [
					{ protocol: 'tcp', src: '192.168.1.20:51612', dst: '203.0.113.7:443', offload: 'hardware', packets: 812345, bytes: 1186232111 },
					{ protocol: 'udp', src: '[2001:db8:1::20]:40112', dst: '[2001:db8:ffff:12::7]:51820', offload: 'software', packets: 4211, bytes: 5120311 },
					{ protocol: 'tcp', src: '192.168.1.31:40996', dst: '198.51.100.9:21', offload: 'none', packets: 90, bytes: 8231 }
				]
			},
			flows_error: null,
			ppe: [
				{ name: 'ppe0', entries: 1302, bound: 1210, unbound: 88, finished: 4, packets: 91823311, bytes: 122311234567 },
				{ name: 'ppe1', entries: 412, bound: 0, unbound: 412, finished: 0, packets: null, bytes: null }
			],
			wed: true,
			settings: [
				{ name: 'nft_flow_offload', ok: true, hint: 'install kmod-nft-offload' },
				{ name: 'net.netfilter.nf_conntrack_acct', ok: false, hint: 'without it bytes and packets of connections are not counted: sysctl -w net.netfilter.nf_conntrack_acct=1' }
			],
			loaded: true
		},
		/* what the next reload, restart or check comes to */
		outcome: { ok: true, error: null, diagnostics: [] },
		/* no such object on ubus */
		absent: false,
		/* resolves when the next action may finish */
		gate: null
	};
}

/* The bridge's `call` over such a state; `calls` lists what was asked. */
export function fake(firewall, calls = []) {
	let wave = 0;

	return async (object, method) => {
		calls.push(`${object}.${method}`);
		if (object !== 'firewall' || firewall.absent) return [NOT_FOUND];

		switch (method) {
			case 'status':
				return [OK, firewall.status];

			case 'offload':
				if (firewall.offload === null) return [METHOD_NOT_FOUND];
				if (!firewall.offload.flows) return [OK, firewall.offload];
				/* Some life for the chart. */
				wave += 0.4;
				return [OK, { ...firewall.offload, flows: { ...firewall.offload.flows,
					software: Math.round(firewall.offload.flows.software * (1 + 0.3 * Math.sin(wave))),
					hardware: Math.round(firewall.offload.flows.hardware * (1 + 0.5 * Math.cos(wave)))
				} }];

			case 'check':
				await firewall.gate;
				return [OK, firewall.outcome];

			case 'confirm':
			case 'revert':
				await firewall.gate;
				firewall.status.reverts_in = null;
				return [OK, { ok: true, error: null }];

			case 'reload':
			case 'restart': {
				await firewall.gate;
				const last = firewall.status.last;

				firewall.status.last = {
					...last, action: method, time: Math.floor(Date.now() / 1000), duration_ms: 12, error: firewall.outcome.error,
					generation: last.generation + (firewall.outcome.ok ? 1 : 0), requested_by: 'ubus'
				};
				firewall.status.diagnostics = firewall.outcome.diagnostics;

				return [firewall.outcome.ok ? OK : UNKNOWN_ERROR, firewall.outcome];
			}

			default:
				return [METHOD_NOT_FOUND];
		}
	};
}
