'use strict';
'require baseclass';
'require ferrowall.words as words';

/* What is wrong with the configuration, each with its place and the page where LuCI edits it. */

/* `/etc/config/firewall:42:3`, as far as it is known. */
function place(diagnostic) {
	return [ diagnostic.file, diagnostic.line, diagnostic.column ].filter(words.known).join(':');
}

/* `@rule[3] “Allow-Ping”, option proto = icmpp` */
function subject(diagnostic) {
	const parts = [];

	if (words.known(diagnostic.section))
		parts.push(E('code', {}, [ diagnostic.section ]));

	if (words.known(diagnostic.name))
		parts.push(' “%s”'.format(diagnostic.name));

	if (words.known(diagnostic.option)) {
		parts.push(parts.length ? ', ' : '');
		parts.push(_('option') + ' ');
		parts.push(E('code', {}, [ diagnostic.option ]));

		if (words.known(diagnostic.value)) {
			parts.push(' = ');
			parts.push(E('code', {}, [ diagnostic.value ]));
		}
	}

	return parts;
}

function item(diagnostic) {
	const severity = diagnostic.severity || 'warning';
	const where = place(diagnostic);
	const what = subject(diagnostic);
	const page = words.editPage(diagnostic.section);
	const lines = [];

	lines.push(E('p', { 'class': 'fw-message' }, [
		E('span', { 'class': 'fw-badge fw-' + severity }, [ words.severity(severity) ]), ' ',
		words.orUnknown(diagnostic.message)
	]));

	if (what.length || where)
		lines.push(E('p', { 'class': 'fw-place' }, [
			E('span', {}, what), (what.length && where) ? ' · ' : '', where ? E('code', {}, [ where ]) : ''
		]));

	if (words.known(diagnostic.hint))
		lines.push(E('p', { 'class': 'fw-hint' }, [ diagnostic.hint ]));

	if (page)
		lines.push(E('p', {}, [
			E('a', { 'href': page.url }, [ _('Edit under Firewall → %s').format(page.title) ])
		]));

	return E('li', { 'class': 'fw-diagnostic' }, lines);
}

return baseclass.extend({
	/* A list, worst first; otherwise in the order of the configuration, as the daemon sends them. */
	render: function(diagnostics) {
		const rank = { error: 0, warning: 1, note: 2 };
		const of = function(diagnostic) {
			return (rank[diagnostic.severity] !== undefined) ? rank[diagnostic.severity] : 1;
		};
		const sorted = L.toArray(diagnostics).slice().sort(function(a, b) {
			return of(a) - of(b);
		});

		return E('ul', { 'class': 'fw-diagnostics' }, sorted.map(item));
	}
});
