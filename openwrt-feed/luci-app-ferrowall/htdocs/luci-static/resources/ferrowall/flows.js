'use strict';
'require baseclass';
'require ferrowall.facts as facts';
'require ferrowall.words as words';

/* Flow offloading in tables: how it is set, how full the hardware is, which flows are the largest. */

/*
 * A packet engine's table: bound entries forward packets in hardware, unbound ones are seen and not taken
 * over, finished ones await reuse. How many would fit the driver does not say.
 */
function engine(table) {
	const bound = +table.bound || 0, entries = +table.entries || 0;
	const text = _('%d bound, %d unbound, %d finished').format(bound, +table.unbound || 0, +table.finished || 0);

	return E('div', {
		'role': 'meter', 'aria-label': text,
		'aria-valuemin': 0, 'aria-valuemax': Math.max(entries, bound, 1), 'aria-valuenow': bound
	}, [
		text,
		words.known(table.bytes) ? ' · ' + words.bytes(table.bytes) : '',
		E('div', { 'class': 'cbi-progressbar' }, [
			E('div', { 'style': 'width:%.1f%%'.format(entries ? bound / entries * 100 : 0) })
		])
	]);
}

function counted(flows) {
	return _('%d of %d').format((+flows.software || 0) + (+flows.hardware || 0), flows.total);
}

/* What the kernel lacks for the mode that is wished for. */
function lacking(offload) {
	if (!words.known(offload.requested) || offload.requested == 'off')
		return null;

	const missing = L.toArray(offload.settings).filter(function(setting) {
		return setting.ok === false;
	});

	return missing.map(function(setting) {
		return E('div', {}, [ E('code', {}, [ setting.name ]), ' ', words.known(setting.hint) ? setting.hint : '' ]);
	});
}

/* Queues that offloaded flows pass by. */
function conflicts(offload) {
	return L.toArray(offload.conflicts).map(function(line) {
		return E('div', {}, [ facts.badge('warning', _('Warning')), ' ', String(line) ]);
	});
}

return baseclass.extend({
	mode: function(offload) {
		if (!offload)
			return [ E('p', { 'class': 'fw-aside' }, [ _('Unknown.') ]) ];

		const flows = L.isObject(offload.flows) ? offload.flows : {};
		const devices = L.toArray(offload.devices);
		const software = L.toArray(offload.software_devices);
		const asWished = !words.known(offload.requested) || offload.requested == offload.effective;

		return [ facts.table([
			[ _('Requested'), [
				words.mode(offload.requested), ' · ',
				E('a', { 'href': L.url('admin/network/firewall/zones') }, [ _('change under Network → Firewall') ])
			] ],
			[ _('Effective'), [ facts.badge(asWished ? 'good' : 'warning', words.mode(offload.effective)) ] ],
			[ _('Reason'), words.known(offload.reason) ? [ String(offload.reason) ] : null ],
			[ _('Devices'), [ devices.length ? facts.list(devices) : _('none') ] ],
			[ _('In software beside them'), software.length ? [ facts.list(software) ] : null ],
			[ _('Missing'), lacking(offload) ],
			[ _('Passed by'), conflicts(offload) ],
			[ _('Offloaded connections'), words.known(flows.total) ? [ counted(flows) ] : null ],
			[ _('Connections'), words.known(offload.flows_error) ? [ _('cannot be read:'), ' ', offload.flows_error ] : null ],
			[ _('Bytes on the fast path'), words.known(flows.share_of_bytes) ? [ words.percent(flows.share_of_bytes) ] : null ],
			[ _('Wi-Fi offload (WED)'), offload.wed ? [ _('present') ] : null ]
		]) ];
	},

	/* MediaTek's and Airoha's packet processing engines, where debugfs has their tables. */
	engines: function(tables) {
		if (!L.toArray(tables).length)
			return [];

		return [
			E('h4', {}, [ _('Hardware flow tables (PPE)') ]),
			facts.table(L.toArray(tables).map(function(table) {
				return [ words.orUnknown(table.name), [ engine(table) ] ];
			}))
		];
	},

	top: function(flows) {
		if (!L.toArray(flows).length)
			return [];

		const head = function(title) {
			return E('th', { 'class': 'th left', 'scope': 'col' }, [ title ]);
		};
		const cell = function(title, text) {
			return E('td', { 'class': 'td left', 'data-title': title }, [ words.orUnknown(text) ]);
		};

		return [
			E('h4', {}, [ _('Largest connections') ]),
			E('table', { 'class': 'table' }, [
				E('tr', { 'class': 'tr table-titles' }, [ head(_('Connection')), head(_('Path')), head(_('Bytes')) ])
			].concat(L.toArray(flows).map(function(flow) {
				return E('tr', { 'class': 'tr' }, [
					cell(_('Connection'), '%s %s → %s'.format(flow.protocol, flow.src, flow.dst)),
					cell(_('Path'), words.mode(flow.offload)),
					cell(_('Bytes'), words.bytes(flow.bytes))
				]);
			})))
		];
	}
});
