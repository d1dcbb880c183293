'use strict';
'require baseclass';
'require ferrowall.backend as backend';
'require ferrowall.facts as facts';
'require ferrowall.words as words';

/* The firewall's line on LuCI's overview: is it up, did the last change work, is anything wrong. */

function last(status) {
	if (!L.isObject(status.last))
		return [ _('Nothing yet') ];

	const ago = words.ago(status.last.time, Date.now());

	return [
		facts.outcome(status.last), ' ',
		words.action(status.last.action), ', ',
		ago || words.time(status.last.time)
	];
}

function problems(status) {
	const sum = words.count(status.diagnostics);
	const kind = sum.error ? 'error' : (sum.warning ? 'warning' : 'good');

	return [
		facts.badge(kind, words.summary(status.diagnostics)), ' ',
		E('a', { 'href': L.url('admin/status/ferrowall') }, [ _('Details') ])
	];
}

return baseclass.extend({
	title: _('Firewall'),

	load: function() {
		return backend.ask('status');
	},

	render: function(reply) {
		/* Whoever may not see the firewall's state sees no empty box either. */
		if (!reply || reply.failure == 'denied')
			return null;

		const style = E('link', { 'rel': 'stylesheet', 'href': L.resource('ferrowall/ferrowall.css') });

		if (reply.failure)
			return E('div', { 'class': 'ferrowall' }, [ style, facts.table([
				[ _('State'), [
					facts.badge('warning', reply.failure == 'missing' ? _('Daemon not running') : _('No answer')), ' ',
					E('a', { 'href': L.url('admin/status/ferrowall') }, [ _('Details') ])
				] ]
			]) ]);

		const status = reply.answer;
		const offload = L.isObject(status.last) ? status.last.offload : null;

		return E('div', { 'class': 'ferrowall' }, [ style, facts.table([
			[ _('State'), [ facts.state(status) ] ],
			[ _('Last change'), last(status) ],
			[ _('Flow offloading'), L.isObject(offload) ? facts.mode(offload) : null ],
			[ _('Configuration'), problems(status) ]
		]) ]);
	}
});
