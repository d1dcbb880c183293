'use strict';
'require baseclass';
'require rpc';

/* The ubus object `firewall`, and what may go wrong on the way to it. */

function declare(method) {
	return rpc.declare({
		object: 'firewall',
		method: method,
		expect: { '': {} },
		reject: true
	});
}

/* LuCI puts a stack trace behind the message of what it raises: the first line is for people. */
function firstLine(error) {
	return String((error && error.message) || error).split('\n')[0];
}

return baseclass.extend({
	status: declare('status'),
	offload: declare('offload'),
	reload: declare('reload'),
	restart: declare('restart'),
	check: declare('check'),

	/*
	 * Why a call came to nothing: `missing` (no such object: the daemon does not run), `method` (the
	 * daemon does not know the method), `denied`, `timeout` or `other`.
	 *
	 * LuCI hands such errors on as text only. The negative numbers are JSON-RPC's as uhttpd's ubus module
	 * and LuCI's own dispatcher send them, the others are ubus status codes (ubusmsg.h).
	 */
	kind: function(error) {
		const text = firstLine(error);

		if (text.match(/error -32000\b|ubus code 4\b/))
			return 'missing';

		if (text.match(/error -32601\b|ubus code 3\b/))
			return 'method';

		if (text.match(/error -32002\b|ubus code 6\b/))
			return 'denied';

		if (text.match(/error -32003\b|ubus code 7\b|timed out/))
			return 'timeout';

		return 'other';
	},

	message: firstLine,

	/* The answer, or the error in its place: `{ answer }` or `{ failure, text }`, never a rejection. */
	ask: function(method) {
		return this[method]().then(function(answer) {
			return { answer: answer };
		}, L.bind(function(error) {
			return { failure: this.kind(error), text: firstLine(error) };
		}, this));
	}
});
