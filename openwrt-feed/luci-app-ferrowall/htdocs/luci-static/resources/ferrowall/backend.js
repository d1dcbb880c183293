'use strict';
'require baseclass';
'require rpc';

/* The ubus object `firewall`, and what may go wrong on the way to it. */

function declare(method, nobatch) {
	return rpc.declare({ object: 'firewall', method: method, nobatch: nobatch });
}

/* LuCI puts a stack trace behind the message of what it raises: the first line is for people. */
function firstLine(error) {
	return String((error && error.message) || error).split('\n')[0];
}

/*
 * Errors of the way to ubus come as text only: JSON-RPC's codes as uhttpd's ubus module and LuCI's dispatcher
 * send them.
 */
function kindOfError(text) {
	if (text.match(/error -32000\b/))
		return 'missing';

	if (text.match(/error -32002\b/))
		return 'denied';

	if (text.match(/error -32003\b|timed out/))
		return 'timeout';

	return 'other';
}

/* ubus' own status codes (ubusmsg.h). */
function kindOfStatus(code) {
	switch (code) {
	case 3:
	case 4:  return 'missing';
	case 6:  return 'denied';
	case 7:  return 'timeout';
	default: return 'other';
	}
}

return baseclass.extend({
	status: declare('status'),
	offload: declare('offload'),
	/* Not in one batch with others, which would have to wait for them. */
	check: declare('check', true),
	reload: declare('reload', true),
	restart: declare('restart', true),
	confirm: declare('confirm', true),
	revert: declare('revert', true),

	/*
	 * Asks, and never rejects: `{ answer }`, or `{ failure, text }` with the failure `missing` (no such
	 * object, the daemon does not run; or it has no such method), `denied`, `timeout` or `other`.
	 *
	 * An action that fails answers with a table and a status code both: LuCI then hands on the table, which
	 * says why, unless told to reject.
	 */
	ask: function(method) {
		return this[method]().then(function(answer) {
			if (L.isObject(answer))
				return { answer: answer };

			if (!answer)
				return { answer: {} };

			return { failure: kindOfStatus(answer), text: rpc.getStatusText(answer) };
		}, function(error) {
			const text = firstLine(error);

			return { failure: kindOfError(text), text: text };
		});
	}
});
