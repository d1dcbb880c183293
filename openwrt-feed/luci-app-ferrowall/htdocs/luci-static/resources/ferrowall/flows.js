'use strict';
'require baseclass';
'require ferrowall.facts as facts';
'require ferrowall.words as words';

/* Flow offloading in tables: how it is set, how full the hardware is, which flows are the largest. */

/* How full a table of the packet engine is: bound entries forward packets, unbound ones are candidates. */
function fill(table) {
	const bound = +table.bound || 0, entries = +table.entries || 0;
	const percent = entries ? Math.min(100, bound / entries * 100) : 0;
	const text = entries
		? _('%d of %d bound, %d unbound').format(bound, entries, +table.unbound || 0)
		: _('%d bound, %d unbound').format(bound, +table.unbound || 0);

	return E('div', {
		'role': 'meter', 'aria-label': text,
		'aria-valuemin': 0, 'aria-valuemax': entries || bound, 'aria-valuenow': bound
	}, [
		text,
		E('div', { 'class': 'cbi-progressbar' }, [ E('div', { 'style': 'width:%.1f%%'.format(percent) }) ])
	]);
}

return baseclass.extend({
	mode: function(offload) {
		if (!offload)
			return [ E('p', { 'class': 'fw-aside' }, [ _('Unknown.') ]) ];

		const flows = L.isObject(offload.flows) ? offload.flows : null;
		const devices = L.toArray(offload.devices);
		const asWished = !words.known(offload.requested) || offload.requested == offload.effective;

		return [ facts.table([
			[ _('Requested'), [
				words.mode(offload.requested), ' · ',
				E('a', { 'href': L.url('admin/network/firewall/zones') }, [ _('change under Network → Firewall') ])
			] ],
			[ _('Effective'), [ facts.badge(asWished ? 'good' : 'warning', words.mode(offload.effective)) ] ],
			[ _('Reason'), words.known(offload.reason) ? [ String(offload.reason) ] : null ],
			[ _('Devices'), [ devices.length ? facts.list(devices) : _('none') ] ],
			[ _('Offloaded flows'), flows ? [ words.orUnknown(flows.total) ] : null ],
			[ _('Bytes on the fast path'), words.known(offload.share_of_bytes) ? [ words.percent(offload.share_of_bytes) ] : null ]
		]) ];
	},

	/* MediaTek's and Airoha's packet processing engines, where debugfs has their tables. */
	engines: function(tables) {
		if (!L.toArray(tables).length)
			return [];

		return [
			E('h4', {}, [ _('Hardware flow tables (PPE)') ]),
			facts.table(L.toArray(tables).map(function(table) {
				return [ words.orUnknown(table.name), [ fill(table) ] ];
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
			E('h4', {}, [ _('Largest flows') ]),
			E('table', { 'class': 'table' }, [
				E('tr', { 'class': 'tr table-titles' }, [ head(_('Flow')), head(_('Path')), head(_('Bytes')) ])
			].concat(L.toArray(flows).map(function(flow) {
				return E('tr', { 'class': 'tr' }, [
					cell(_('Flow'), flow.flow), cell(_('Path'), words.mode(flow.path)), cell(_('Bytes'), words.bytes(flow.bytes))
				]);
			})))
		];
	}
});
