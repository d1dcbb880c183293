'use strict';
'require dom';
'require poll';
'require view';
'require ferrowall.backend as backend';
'require ferrowall.chart as chart';
'require ferrowall.diagnostics as diagnostics';
'require ferrowall.facts as facts';
'require ferrowall.flows as flows';
'require ferrowall.outcome as outcome';
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
		/* the answer that the latest of them is from */
		this.sampled = null;
		/* what each part of the page shows, as JSON */
		this.shown = {};
		/* the offload answer may be dear: not before this time (ms) */
		this.offloadNotBefore = 0;

		this.parts = {};
		[ 'notice', 'trial', 'state', 'problems', 'mode', 'chart', 'hardware', 'top' ].forEach(L.bind(function(name) {
			this.parts[name] = E('div');
		}, this));
		/* These two stay in the page for screen readers: they announce changes inside, not new regions. */
		this.parts.outcome = E('div', { 'id': 'fw-outcome', 'role': 'status', 'aria-live': 'polite' });
		this.buttons = {
			check: this.button('check', _('Check'), 'neutral', _('Reads the configuration and reports; changes nothing.')),
			reload: this.button('reload', _('Reload'), 'action', _('Brings the saved configuration into the kernel; connections, counters and offloaded flows stay.')),
			restart: this.button('restart', _('Restart'), 'negative', _('Replaces the whole table in one transaction: no moment without rules, counters start anew.')),
			confirm: this.button('confirm', _('Confirm'), 'positive', _('Keeps the rules that are being tried.')),
			revert: this.button('revert', _('Revert'), 'negative', _('Goes back now to the rules before.'))
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
			this.parts.notice, this.parts.trial,
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
		this.part('trial', [ status && status.reverts_in, status && L.isObject(status.last) && status.last.emergency && !status.loaded ], this.renderTrial);
		this.part('state', [ status, status && this.ago(status), this.told ], this.renderState);
		this.part('problems', [ status && status.diagnostics, status && status.omitted ], this.renderProblems);
		const counts = (offload && L.isObject(offload.flows)) ? offload.flows : null;

		this.part('mode', [ offload ], flows.mode);
		this.showChart(replies[1]);
		this.part('hardware', [ offload && offload.ppe ], flows.engines);
		this.part('top', [ counts && counts.top ], flows.top);
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

		/* A button that is put back into the page has lost the keyboard's focus. */
		const focused = document.activeElement;

		dom.content(this.parts[name], render.apply(this, data));

		if (focused != document.activeElement && this.parts[name].contains(focused))
			focused.focus();
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

	/* What must not be overlooked: rules that go away by themselves, and rules that only stand in for others. */
	renderTrial: function(seconds, emergency) {
		const parts = [];

		if (emergency)
			parts.push(box('error', [
				E('p', {}, [ E('strong', {}, [ _('The emergency ruleset is loaded.') ]), ' ',
					_('The configuration could not be loaded and there were no rules: only management from the lan side gets in, nothing is forwarded. Mend the configuration, then press Restart.') ])
			]));

		if (words.known(seconds))
			parts.push(box('warning', [
				E('p', {}, [ E('strong', {}, [ _('New rules are being tried.') ]), ' ',
					N_(seconds, 'In %d second the rules and the configuration before come back, unless you confirm.',
						'In %d seconds the rules and the configuration before come back, unless you confirm.').format(seconds) ]),
				E('div', { 'class': 'fw-buttons', 'role': 'group', 'aria-label': _('Try') }, [
					this.buttons.confirm, this.buttons.revert
				])
			]));

		return parts;
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

	showChart: function(reply) {
		const offload = reply.answer;
		const counts = (offload && L.isObject(offload.flows)) ? offload.flows : null;

		/* An answer that is shown a second time is no new sample. */
		if (counts && reply !== this.sampled) {
			this.sampled = reply;
			this.samples.push({ at: Date.now(), software: +counts.software || 0, hardware: +counts.hardware || 0 });
			this.samples.splice(0, Math.max(0, this.samples.length - chart.LENGTH));
		}

		/* A line needs two points; and where nothing is offloaded there is nothing to draw. */
		const idle = !counts || (offload.effective == 'off' && !this.samples.some(function(sample) {
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

			return this.update().then(L.bind(function() {
				const last = this.status.answer && this.status.answer.last;
				const told = outcome.render(action, reply, last);

				this.announce(told.kind, told.parts);
			}, this));
		}, this));
	},

	announce: function(kind, children) {
		dom.content(this.parts.outcome, kind ? box(kind, children) : E('p', {}, children));
	},

	handleSave: null,
	handleSaveApply: null,
	handleReset: null
});
