'use strict';
'require baseclass';
'require ferrowall.diagnostics as diagnostics';
'require ferrowall.words as words';

/* What came of a press on Check, Reload or Restart. */

function known(last) {
	return L.isObject(last) ? last : {};
}

/* Some ways to ubus drop what a failed action has to say; the record of the last change still has it. */
function reason(reply, last) {
	if (reply.answer)
		return words.known(reply.answer.error) ? String(reply.answer.error) : words.summary(reply.answer.diagnostics);

	return words.known(known(last).error) ? String(last.error) : reply.text;
}

function failed(action, reply, last) {
	const parts = [ E('p', {}, [
		E('strong', {}, [ _('%s failed:').format(words.action(action)) ]), ' ', reason(reply, last)
	]) ];

	/* After a change the page's own list has the same findings: those of a check are shown only here. */
	if (action != 'check')
		parts.push(E('p', {}, [ _('The kernel kept the rules it had before.') ]));
	else if (reply.answer && L.toArray(reply.answer.diagnostics).length)
		parts.push(diagnostics.render(reply.answer.diagnostics));

	return { kind: 'error', parts: parts };
}

function succeeded(action, found, last) {
	const sum = words.count(found);
	const details = [];
	const loads = action != 'check' && action != 'confirm';

	if (loads && words.known(known(last).duration_ms))
		details.push(words.duration(last.duration_ms));

	if (loads && words.known(known(last).generation))
		details.push(_('generation %s').format(last.generation));

	details.push(words.summary(found));

	const parts = [ E('p', {}, [
		E('strong', {}, [ _('%s: successful.').format(words.action(action)) ]), ' ', details.join(' · ')
	]) ];

	if (action == 'check' && found.length)
		parts.push(diagnostics.render(found));

	return { kind: sum.error ? 'error' : (sum.warning ? 'warning' : 'good'), parts: parts };
}

return baseclass.extend({
	/*
	 * The outcome as { kind, parts }: how grave it is, and what to say. reply: the backend's, last: the
	 * record of the last change as known after the action.
	 */
	render: function(action, reply, last) {
		if (reply.failure == 'timeout')
			return { kind: 'warning', parts: [ E('p', {}, [
				_('%s: no answer yet. The firewall may still be at work; this page shows the outcome when it is known.')
					.format(words.action(action))
			]) ] };

		if (reply.failure || !reply.answer.ok)
			return failed(action, reply, last);

		return succeeded(action, L.toArray(reply.answer.diagnostics), last);
	}
});
