'use strict';
'require form';
'require view';
'require tools.widgets as widgets';
'require ferrowall.backend as backend';
'require ferrowall.facts as facts';

/*
 * Status → Firewall offload → Policy: which connections are offloaded. A form over `config offload` and options of
 * `config defaults`, and beside it what offloaded connections pass by at present.
 */

/* What there is to warn of: queues, and what the last load said about offloading. */
function warnings(offload, status) {
	const said = L.toArray(status && status.diagnostics).filter(function(diagnostic) {
		return /offload/.test(diagnostic.hint || '') || diagnostic.option == 'flow_offloading_hw';
	}).map(function(diagnostic) {
		return diagnostic.message;
	});

	return L.toArray(offload && offload.conflicts).concat(said).filter(function(line, at, lines) {
		return lines.indexOf(line) == at;
	});
}

function notice(offload, status) {
	const lines = warnings(offload, status);

	if (!offload || !L.isObject(offload))
		return E('p', { 'class': 'fw-aside' }, [ _('The firewall daemon does not answer: what offloaded connections pass by is unknown.') ]);

	if (offload.requested == 'off')
		return E('p', { 'class': 'fw-aside' }, [ _('Nothing is offloaded at present.') ]);

	if (!lines.length)
		return E('p', { 'class': 'fw-aside' }, [ _('No queue and no rule is passed by at present.') ]);

	return E('ul', {}, lines.map(function(line) {
		return E('li', {}, [ facts.badge('warning', _('Warning')), ' ', String(line) ]);
	}));
}

return view.extend({
	load: function() {
		return Promise.all([ backend.ask('offload'), backend.ask('status') ]);
	},

	render: function(replies) {
		const m = new form.Map('firewall', _('Offload policy'),
			_('Which connections take the fast path. An offloaded connection passes by queues, marks and counters.'));
		let s, o;

		s = m.section(form.TypedSection, 'defaults', _('All connections'));
		s.anonymous = true;

		o = s.option(form.Value, 'flow_offloading_after_packets', _('Packets before offloading'),
			_('So many packets of each connection take the slow path first.'));
		o.datatype = 'uinteger';
		o.placeholder = '0';

		s.option(form.Flag, 'flow_offloading_exempt_marked', _('Keep marked connections out'),
			_('Connections that a traffic rule marks or classifies are not offloaded.'));

		s.option(form.Flag, 'flow_offloading_keep_dscp', _('Keep the DSCP class'),
			_('Both directions of a connection carry the class of its first packets while they take the slow path.'));

		o = s.option(form.Value, 'flow_offloading_dscp_mark', _('Bits for the class'),
			_('Of the conntrack mark: six in a row and one that says that they are in use, as tc ctinfo reads them.'));
		o.placeholder = '0xfc000000/0x01000000';
		o.depends('flow_offloading_keep_dscp', '1');
		o.retain = true;
		o.validate = function(section_id, value) {
			return !value || /^(0x[0-9a-f]{1,8}|[0-9]{1,10})\/(0x[0-9a-f]{1,8}|[0-9]{1,10})$/i.test(value) ||
				_('Two numbers like 0xfc000000/0x01000000');
		};

		s.option(form.Flag, 'flow_offloading_roaming', _('Follow clients that move'),
			_('Ends offloaded flows when a client appears at another port or radio. Connections go on. Software offloading only.'));

		s = m.section(form.GridSection, 'offload', _('Some connections'),
			_('The first that matches a connection decides.'));
		s.anonymous = true;
		s.addremove = true;
		s.sortable = true;
		s.nodescriptions = true;

		o = s.option(form.Value, 'name', _('Name'));

		o = s.option(form.ListValue, 'action', _('Action'));
		o.value('bypass', _('Do not offload'));
		o.value('software', _('Offload in software'));
		o.value('hardware', _('Offload in hardware'));
		o.default = 'bypass';
		o.textvalue = function(section) {
			const value = this.cfgvalue(section) || this.default;
			const at = this.keylist.indexOf(value);

			return '%h'.format(at < 0 ? value : this.vallist[at]);
		};

		/* not called src and dest: a ZoneSelect dest without a src would call itself the output zone */
		[ [ 'src', _('From zone') ], [ 'dest', _('To zone') ] ].forEach(function(zone) {
			o = s.option(widgets.ZoneSelect, '_' + zone[0], zone[1]);
			o.ucioption = zone[0];
			o.allowany = true;
			o.nocreate = true;
		});

		/* not a list: what else a file may say stays as it is */
		o = s.option(form.Value, 'proto', _('Protocol'));
		o.value('tcp udp', _('TCP and UDP'));
		o.value('tcp', 'TCP');
		o.value('udp', 'UDP');
		o.default = 'tcp udp';

		o = s.option(form.Value, 'dest_port', _('Destination port'));
		o.datatype = 'list(neg(portrange))';

		o = s.option(form.Flag, 'enabled', _('Enabled'));
		o.default = o.enabled;
		o.editable = true;

		[
			[ form.ListValue, 'family', _('Address family') ],
			[ form.DynamicList, 'src_ip', _('Source address'), 'neg(ipmask("true"))' ],
			[ form.DynamicList, 'src_mac', _('Source MAC address'), 'neg(macaddr)' ],
			[ form.Value, 'src_port', _('Source port'), 'list(neg(portrange))' ],
			[ form.DynamicList, 'dest_ip', _('Destination address'), 'neg(ipmask("true"))' ],
			[ form.Value, 'ipset', _('IP set') ],
			[ form.Value, 'mark', _('Mark') ],
			[ form.Value, 'dscp', _('DSCP class') ]
		].forEach(function(more) {
			o = s.option(more[0], more[1], more[2]);
			o.modalonly = true;
			o.datatype = more[3];

			if (more[1] == 'family') {
				o.value('', _('IPv4 and IPv6'));
				o.value('ipv4', 'IPv4');
				o.value('ipv6', 'IPv6');
			}
		});

		return m.render().then(function(node) {
			return E('div', { 'class': 'ferrowall' }, [
				E('link', { 'rel': 'stylesheet', 'href': L.resource('ferrowall/ferrowall.css') }),
				E('section', { 'class': 'cbi-section', 'aria-labelledby': 'fw-h-passed-by' }, [
					E('h3', { 'id': 'fw-h-passed-by' }, [ _('Passed by') ]),
					notice(replies[0].answer, replies[1].answer)
				]),
				node
			]);
		});
	}
});
