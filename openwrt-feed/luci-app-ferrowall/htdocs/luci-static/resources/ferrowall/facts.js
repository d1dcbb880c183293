'use strict';
'require baseclass';
'require ferrowall.words as words';

/* Name and value, row by row: how the page and the overview widget show the state. */

function badge(kind, text) {
	return E('span', { 'class': 'fw-badge fw-' + kind }, [ text ]);
}

return baseclass.extend({
	badge: badge,

	/* rows: [[ name, [ child, ... ] ], ...]; a row without children is left out. */
	table: function(rows) {
		return E('table', { 'class': 'table' }, rows.filter(function(row) {
			return row[1] && row[1].length;
		}).map(function(row) {
			return E('tr', { 'class': 'tr' }, [
				E('th', { 'class': 'td left', 'scope': 'row', 'width': '33%', 'style': 'font-weight:normal' }, [ row[0] ]),
				E('td', { 'class': 'td left' }, row[1])
			]);
		}));
	},

	list: function(items) {
		return E('span', { 'class': 'fw-list' }, L.toArray(items).map(function(item) {
			return E('code', {}, [ item ]);
		}));
	},

	/* Are the rules in the kernel? */
	state: function(status) {
		if (status.busy)
			return badge('warning', _('At work'));

		if (!status.loaded)
			return badge('error', _('Not loaded'));

		if (status.table === false)
			return badge('error', _('Table missing'));

		return badge('good', _('Loaded'));
	},

	outcome: function(last) {
		return words.known(last.error) ? badge('error', _('Failed')) : badge('good', _('Successful'));
	},

	/* Requested and effective mode: `Hardware`, or `Software (requested: Hardware)`. */
	mode: function(offload) {
		const effective = words.mode(offload.effective);

		if (!words.known(offload.requested) || offload.requested == offload.effective)
			return [ effective ];

		return [ badge('warning', effective), ' ', _('(requested: %s)').format(words.mode(offload.requested)) ];
	}
});
