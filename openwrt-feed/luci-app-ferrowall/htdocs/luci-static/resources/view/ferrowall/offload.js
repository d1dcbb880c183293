'use strict';
'require dom';
'require poll';
'require view';
'require ferrowall.backend as backend';
'require ferrowall.chart as chart';
'require ferrowall.diagnostics as diagnostics';
'require ferrowall.facts as facts';
'require ferrowall.words as words';

/*
 * Status → Firewall offload. Asks the ubus object `firewall` again and again, and touches only those parts
 * of the page whose answer has changed: what the reader has focused or selected stays.
 */

function link(path, text) {
	return E('a', { 'href': L.url(path) }, [ text ]);
}

function box(kind, children) {
	return E('div', { 'class': 'fw-box fw-is-' + kind }, children);
}

function section(id, title, children) {
	return E('section', { 'class': 'cbi-section', 'aria-labelledby': id }, [
		E('h3', { 'id': id }, [ title ])
	].concat(children));
}

return view.extend({
	load: function() {
		return this.ask();
	},

	render: function(replies) {
		/* action being waited for, if any */
		this.running = null;
		/* error of the action whose outcome is shown, if any */
		this.told = null;
		/* flow counts for the chart */
		this.samples = [];
		/* what each part of the page shows, as JSON */
		this.shown = {};
		/* the offload answer may be dear: not before this time (ms) */
		this.offloadNotBefore = 0;

		this.parts = {};
		[ 'notice', 'state', 'problems', 'mode', 'chart', 'hardware', 'top' ].forEach(L.bind(function(name) {
			this.parts[name] = E('div');
		}, this));
		/* These two stay in the page for screen readers: they announce changes inside, not new regions. */
		this.parts.outcome = E('div', { 'id': 'fw-outcome', 'role': 'status', 'aria-live': 'polite' });
		this.buttons = {
			check: this.button('check', _('Check'), 'neutral', _('Reads the configuration and reports; changes nothing.')),
			reload: this.button('reload', _('Reload'), 'action', _('Brings the saved configuration into the kernel; connections, counters and offloaded flows stay.')),
			restart: this.button('restart', _('Restart'), 'negative', _('Replaces the whole table in one transaction: no moment without rules, counters start anew.'))
		};

		this.sections = {
			problems: section('fw-h-problems', _('Configuration'), [ this.parts.problems ]),
			offload: section('fw-h-offload', _('Flow offloading'), [
				this.parts.mode, this.parts.chart, this.parts.hardware, this.parts.top
			])
		};

		const page = E('div', { 'class': 'ferrowall' }, [
			E('link', { 'rel': 'stylesheet', 'href': L.resource('ferrowall/ferrowall.css') }),
			E('h2', {}, [ _('Firewall offload') ]),
			E('div', { 'class': 'cbi-map-descr' }, [
				_('Whether the firewall is loaded, what the last change to it did, and which connections take the fast path.')
			]),
			this.parts.notice,
			section('fw-h-state', _('Firewall'), [
				this.parts.state,
				E('div', { 'class': 'fw-buttons', 'role': 'group', 'aria-label': _('Actions') }, [
					this.buttons.check, this.buttons.reload, this.buttons.restart
				]),
				this.parts.outcome
			]),
			this.sections.problems, this.sections.offload
		]);

		this.show(replies);
		poll.add(L.bind(this.update, this));

		return page;
	},

	/* Both answers; that of offload is kept for a while if it took the router long to find. */
	ask: function() {
		const begun = Date.now();

		if (this.offload && begun < this.offloadNotBefore)
			return Promise.all([ backend.ask('status'), this.offload ]);

		return Promise.all([
			backend.ask('status'),
			backend.ask('offload').then(L.bind(function(reply) {
				this.offload = reply;
				/* At most a tenth of the router's time goes into counting its flows for us. */
				this.offloadNotBefore = begun + 10 * (Date.now() - begun);

				return reply;
			}, this))
		]);
	},

	update: function() {
		return this.ask().then(L.bind(this.show, this));
	},

	show: function(replies) {
		this.status = replies[0];

		const status = this.status.answer;
		const offload = replies[1].answer || (status && L.isObject(status.last) && status.last.offload) || null;

		this.part('notice', [ this.status.failure, this.status.text ], this.renderNotice);
		this.part('state', [ status, status && this.ago(status), this.told ], this.renderState);
		this.part('problems', [ status && status.diagnostics, status && status.omitted ], this.renderProblems);
		this.part('mode', [ offload ], this.renderMode);
		this.showChart(replies[1].answer);
		this.part('hardware', [ offload && offload.ppe ], this.renderHardware);
		this.part('top', [ offload && offload.top ], this.renderTop);
		/* Without an answer there is nothing to say in these, and the notice says why. */
		this.sections.problems.hidden = this.sections.offload.hidden = !status;
		this.enable();
	},

	/* Renders a part of the page anew, if what it shows is not what it showed. */
	part: function(name, data, render) {
		const json = JSON.stringify(data);

		if (this.shown[name] === json)
			return;

		this.shown[name] = json;
		dom.content(this.parts[name], render.apply(this, data));
	},

	ago: function(status) {
		return L.isObject(status.last) ? words.ago(status.last.time, Date.now()) : null;
	},

	renderNotice: function(failure, text) {
		switch (failure) {
		case undefined:
			return [];

		case 'missing':
			return [ box('warning', [
				E('p', {}, [ E('strong', {}, [ _('The firewall daemon is not running.') ]), ' ',
					_('There is no object “firewall” on ubus. Rules that were loaded before stay in the kernel and keep working.') ]),
				E('p', {}, [
					_('Start the service “firewall” under'), ' ', link('admin/system/startup', _('System → Startup')), ', ',
					_('or on the command line:'), ' ', E('code', {}, [ '/etc/init.d/firewall restart' ]) ]),
				E('p', {}, [ _('If it does not stay up, the system log says why:'), ' ',
					E('code', {}, [ 'logread -e ferrowall' ]) ])
			]) ];

		case 'denied':
			return [ box('error', [ E('p', {}, [ _('You are not allowed to see the state of the firewall.') ]) ]) ];

		case 'timeout':
			return [ box('warning', [ E('p', {}, [ _('The firewall daemon did not answer in time. This page keeps asking.') ]) ]) ];

		default:
			return [ box('error', [ E('p', {}, [ _('The firewall daemon could not be asked:'), ' ', text ]) ]) ];
		}
	},

	/* told: the error that the outcome beside the buttons tells already. */
	renderState: function(status, ago, told) {
		if (!status)
			return [ E('p', { 'class': 'fw-aside' }, [ _('Unknown.') ]) ];

		const last = L.isObject(status.last) ? status.last : null;
		const rows = [ [ _('State'), this.stateWords(status) ] ];

		if (last)
			rows.push(
				[ _('Last change'), [ facts.outcome(last), ' ', words.action(last.action) ] ],
				[ _('When'), [ words.time(last.time), ago ? ' (%s)'.format(ago) : '' ] ],
				[ _('Took'), [ words.duration(last.duration_ms) ] ],
				[ _('Generation'), words.known(last.generation) ? [ String(last.generation) ] : null ],
				[ _('Asked for by'), words.known(last.requested_by) ? [ String(last.requested_by) ] : null ],
				[ _('Way into the kernel'), this.pathWords(last) ]
			);
		else
			rows.push([ _('Last change'), [ _('Nothing yet since the daemon was started.') ] ]);

		const parts = [ facts.table(rows) ];

		if (last && words.known(last.error) && last.error !== told)
			parts.unshift(box('error', [
				E('p', {}, [ E('strong', {}, [ _('The last change failed.') ]), ' ', String(last.error) ]),
				E('p', {}, [ _('The kernel kept the rules it had before.') ])
			]));

		return parts;
	},

	stateWords: function(status) {
		const parts = [ facts.state(status) ];

		if (status.busy)
			parts.push(' ', _('The firewall is being changed right now.'));
		else if (status.loaded && status.table === false)
			parts.push(' ', _('Somebody removed the table “inet fw4” from the kernel. Restart brings it back.'));

		return parts;
	},

	pathWords: function(last) {
		switch (last.path) {
		case 'netlink':
			return [ _('Netlink, in one transaction') ];

		case 'nft':
			return [ _('nft, in one transaction'),
				L.toArray(last.snippets).length ? E('div', {}, [ _('because of:'), ' ', facts.list(last.snippets) ]) : '' ];

		default:
			return words.known(last.path) ? [ String(last.path) ] : null;
		}
	},

	/* omitted: how many more there are than fit into an answer. */
	renderProblems: function(list, omitted) {
		if (!list)
			return [ E('p', { 'class': 'fw-aside' }, [ _('Unknown.') ]) ];

		const parts = [ E('p', {}, [ words.summary(list) ]) ];

		if (list.length)
			parts.push(diagnostics.render(list));

		if (omitted)
			parts.push(E('p', {}, [ N_(omitted, 'and %d more', 'and %d more').format(omitted) ]));

		return parts;
	},

	renderMode: function(offload) {
		if (!offload)
			return [ E('p', { 'class': 'fw-aside' }, [ _('Unknown.') ]) ];

		const flows = L.isObject(offload.flows) ? offload.flows : null;
		const devices = L.toArray(offload.devices);

		return [ facts.table([
			[ _('Requested'), [ words.mode(offload.requested), ' · ',
				link('admin/network/firewall/zones', _('change under Network → Firewall')) ] ],
			[ _('Effective'), [ facts.badge(offload.effective == offload.requested ? 'good' : 'warning', words.mode(offload.effective)) ] ],
			[ _('Reason'), words.known(offload.reason) ? [ String(offload.reason) ] : null ],
			[ _('Devices'), [ devices.length ? facts.list(devices) : _('none') ] ],
			[ _('Offloaded flows'), flows ? [ words.orUnknown(flows.total) ] : null ],
			[ _('Bytes on the fast path'), words.known(offload.share_of_bytes) ? [ words.percent(offload.share_of_bytes) ] : null ]
		]) ];
	},

	showChart: function(offload) {
		const flows = (offload && L.isObject(offload.flows)) ? offload.flows : null;

		if (flows) {
			this.samples.push({ at: Date.now(), software: +flows.software || 0, hardware: +flows.hardware || 0 });
			this.samples.splice(0, Math.max(0, this.samples.length - chart.LENGTH));
		}

		/* A line needs two points; and where nothing is offloaded there is nothing to draw. */
		const idle = !flows || (offload.effective == 'off' && !this.samples.some(function(sample) {
			return sample.software || sample.hardware;
		}));

		if (idle || this.samples.length < 2) {
			dom.content(this.parts.chart, []);
			return;
		}

		const last = this.samples[this.samples.length - 1];

		dom.content(this.parts.chart, [
			chart.render(this.samples, this.parts.chart.clientWidth || 600),
			E('ul', { 'class': 'fw-legend' }, [
				E('li', { 'class': 'fw-software' }, [ _('In software: %d').format(last.software) ]),
				E('li', { 'class': 'fw-hardware' }, [ _('In hardware: %d').format(last.hardware) ])
			])
		]);
	},

	renderHardware: function(tables) {
		if (!L.toArray(tables).length)
			return [];

		return [
			E('h4', {}, [ _('Hardware flow tables (PPE)') ]),
			facts.table(L.toArray(tables).map(function(table) {
				return [ words.orUnknown(table.name), [ this.fill(table) ] ];
			}, this))
		];
	},

	/* How full a table of the packet engine is: bound entries forward packets, unbound ones are candidates. */
	fill: function(table) {
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
	},

	renderTop: function(top) {
		if (!L.toArray(top).length)
			return [];

		return [ E('h4', {}, [ _('Largest flows') ]), this.flowTable(L.toArray(top)) ];
	},

	flowTable: function(flows) {
		const cell = function(title, text) {
			return E('td', { 'class': 'td left', 'data-title': title }, [ words.orUnknown(text) ]);
		};

		return E('table', { 'class': 'table' }, [
			E('tr', { 'class': 'tr table-titles' }, [
				E('th', { 'class': 'th left', 'scope': 'col' }, [ _('Flow') ]),
				E('th', { 'class': 'th left', 'scope': 'col' }, [ _('Path') ]),
				E('th', { 'class': 'th left', 'scope': 'col' }, [ _('Bytes') ])
			])
		].concat(flows.map(function(flow) {
			return E('tr', { 'class': 'tr' }, [
				cell(_('Flow'), flow.flow),
				cell(_('Path'), words.mode(flow.path)),
				cell(_('Bytes'), words.bytes(flow.bytes))
			]);
		})));
	},

	/*
	 * A button that keeps the keyboard's focus while it cannot be pressed: hence aria-disabled, and not
	 * the disabled that takes the focus away.
	 */
	button: function(action, title, kind, explanation) {
		return E('button', {
			'type': 'button',
			'class': 'btn cbi-button cbi-button-' + kind,
			'data-action': action,
			'title': explanation,
			'click': L.bind(function(ev) {
				ev.preventDefault();

				if (this.allowed(action))
					return this.run(action);
			}, this)
		}, [ title ]);
	},

	allowed: function(action) {
		const status = this.status;

		if (this.running || status.failure == 'missing' || status.failure == 'denied')
			return false;

		if (action == 'check')
			return true;

		return !(status.answer && status.answer.busy) && L.hasViewPermission() !== false;
	},

	enable: function() {
		for (let action in this.buttons) {
			const button = this.buttons[action];

			button.setAttribute('aria-disabled', this.allowed(action) ? 'false' : 'true');
			button.classList.toggle('spinning', this.running == action);
		}
	},

	run: function(action) {
		this.running = action;
		this.enable();
		this.announce(null, [ _('%s: at work…').format(words.action(action)) ]);

		return backend.ask(action).then(L.bind(function(reply) {
			this.running = null;
			this.told = reply.answer ? reply.answer.error : null;
			/* First the news, then what they say about the page: the outcome tells the generation. */
			this.offloadNotBefore = 0;

			return this.update().then(L.bind(this.renderOutcome, this, action, reply));
		}, this));
	},

	renderOutcome: function(action, reply) {
		const name = words.action(action);
		const answer = reply.answer;

		if (reply.failure == 'timeout')
			return this.announce('warning', [ E('p', {}, [
				_('%s: no answer yet. The firewall may still be at work; this page shows the outcome when it is known.').format(name) ]) ]);

		if (reply.failure)
			return this.announce('error', [ E('p', {}, [ _('%s failed:').format(name), ' ', reply.text ]) ]);

		/* After a change the page's own list is the same as this one: only a check's findings are shown here. */
		const found = L.toArray(answer.diagnostics);

		if (!answer.ok) {
			const parts = [ E('p', {}, [
				E('strong', {}, [ _('%s failed:').format(name) ]), ' ',
				words.known(answer.error) ? String(answer.error) : words.summary(found)
			]) ];

			if (action != 'check')
				parts.push(E('p', {}, [ _('The kernel kept the rules it had before.') ]));
			else if (found.length)
				parts.push(diagnostics.render(found));

			return this.announce('error', parts);
		}

		const sum = words.count(found);
		const kind = sum.error ? 'error' : (sum.warning ? 'warning' : 'good');
		const last = this.status.answer && this.status.answer.last;
		const details = [ words.summary(found) ];

		if (action != 'check' && L.isObject(last)) {
			if (words.known(last.generation))
				details.unshift(_('generation %s').format(last.generation));

			if (words.known(last.duration_ms))
				details.unshift(words.duration(last.duration_ms));
		}

		const parts = [ E('p', {}, [ E('strong', {}, [ _('%s: successful.').format(name) ]), ' ', details.join(' · ') ]) ];

		if (action == 'check' && found.length)
			parts.push(diagnostics.render(found));

		return this.announce(kind, parts);
	},

	announce: function(kind, children) {
		dom.content(this.parts.outcome, kind ? box(kind, children) : E('p', {}, children));
	},

	handleSave: null,
	handleSaveApply: null,
	handleReset: null
});
