'use strict';
'require baseclass';

/* How the page and the overview widget say things, so that they say them alike. */

const UNKNOWN = '–';
const DAY = 86400;

function known(value) {
	return value !== null && value !== undefined && value !== '';
}

return baseclass.extend({
	UNKNOWN: UNKNOWN,

	known: known,

	orUnknown: function(value) {
		return known(value) ? String(value) : UNKNOWN;
	},

	mode: function(mode) {
		switch (mode) {
		case 'off':      return _('Off');
		case 'software': return _('Software');
		case 'hardware': return _('Hardware');
		case 'none':     return _('Slow path');
		default:         return this.orUnknown(mode);
		}
	},

	action: function(action) {
		switch (action) {
		case 'start':       return _('Start');
		case 'stop':        return _('Stop');
		case 'flush':       return _('Flush');
		case 'reload':      return _('Reload');
		case 'restart':     return _('Restart');
		case 'check':       return _('Check');
		case 'try':         return _('Try');
		case 'confirm':     return _('Confirm');
		case 'revert':      return _('Revert');
		case 'reload-sets': return _('Reload of sets');
		default:            return this.orUnknown(action);
		}
	},

	severity: function(severity) {
		switch (severity) {
		case 'error': return _('Error');
		case 'note':  return _('Note');
		default:      return _('Warning');
		}
	},

	/* Milliseconds, as short as they are worth knowing. */
	duration: function(ms) {
		if (!known(ms))
			return UNKNOWN;

		return (ms < 1000) ? _('%d ms').format(Math.round(ms)) : _('%.1f s').format(ms / 1000);
	},

	time: function(seconds) {
		return known(seconds) ? new Date(seconds * 1000).toLocaleString() : UNKNOWN;
	},

	/*
	 * How long ago, or null when the clocks of router and browser are too far apart to tell (a router
	 * without a battery starts in the past).
	 */
	ago: function(seconds, now) {
		const age = Math.floor(now / 1000 - seconds);

		if (!known(seconds) || age < -5 || age > 30 * DAY)
			return null;

		if (age < 5)
			return _('just now');

		if (age < 60)
			return N_(age, '%d second ago', '%d seconds ago').format(age);

		if (age < 3600)
			return N_(Math.floor(age / 60), '%d minute ago', '%d minutes ago').format(age / 60);

		if (age < DAY)
			return N_(Math.floor(age / 3600), '%d hour ago', '%d hours ago').format(age / 3600);

		return N_(Math.floor(age / DAY), '%d day ago', '%d days ago').format(age / DAY);
	},

	percent: function(share) {
		return known(share) ? '%d %%'.format(Math.round(share * 100)) : UNKNOWN;
	},

	bytes: function(count) {
		return known(count) ? '%1024.1mB'.format(count) : UNKNOWN;
	},

	/* How many diagnostics of each severity: { error, warning, note }. */
	count: function(diagnostics) {
		const sum = { error: 0, warning: 0, note: 0 };

		L.toArray(diagnostics).forEach(function(diagnostic) {
			if (sum[diagnostic.severity] !== undefined)
				sum[diagnostic.severity]++;
		});

		return sum;
	},

	summary: function(diagnostics) {
		const sum = this.count(diagnostics), parts = [];

		if (sum.error)
			parts.push(N_(sum.error, '%d error', '%d errors').format(sum.error));

		if (sum.warning)
			parts.push(N_(sum.warning, '%d warning', '%d warnings').format(sum.warning));

		if (sum.note)
			parts.push(N_(sum.note, '%d note', '%d notes').format(sum.note));

		return parts.length ? parts.join(', ') : _('No problems found');
	},

	/*
	 * Where LuCI edits a section: { title, url } of the page of Network → Firewall that has the kind of
	 * section in `@kind[3]`, or null for what LuCI has no form for (includes, our own kinds).
	 */
	editPage: function(section) {
		const kind = (String(section || '').match(/^@([^\[]+)\[/) || [])[1];
		const general = [ _('General Settings'), 'zones' ];
		const pages = {
			defaults:   general,
			zone:       general,
			forwarding: general,
			rule:       [ _('Traffic Rules'), 'rules' ],
			redirect:   [ _('Port Forwards'), 'forwards' ],
			nat:        [ _('NAT Rules'), 'snats' ],
			ipset:      [ _('IP Sets'), 'ipsets' ]
		};

		if (!Object.prototype.hasOwnProperty.call(pages, kind))
			return null;

		return { title: pages[kind][0], url: L.url('admin/network/firewall', pages[kind][1]) };
	}
});
