/*
 * Serves the host page, the app's files as the router's web server would, and JSON-RPC at /ubus in the
 * shape of uhttpd's ubus module. Everything about the firewall comes from `call`, the one door to ubus:
 *
 *   call(object, method, params) → [status, data]
 *
 * with ubus' status codes, NOT_FOUND where there is no such object.
 */

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export const OK = 0;
export const METHOD_NOT_FOUND = 3;
export const NOT_FOUND = 4;
export const PERMISSION_DENIED = 6;
export const TIMEOUT = 7;
export const UNKNOWN_ERROR = 9;

/* uhttpd answers these with an error of its own, the others with ubus' code. */
const ERRORS = {
	[NOT_FOUND]: { code: -32000, message: 'Object not found' },
	[PERMISSION_DENIED]: { code: -32002, message: 'Access denied' }
};

const here = path => fileURLToPath(new URL(path, import.meta.url));
const FOLDERS = {
	'/host/': here('host/'),
	'/luci-static/': here('../../openwrt-feed/luci-app-ferrowall/htdocs/luci-static/')
};
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

async function body(request) {
	const parts = [];
	for await (const part of request) parts.push(part);
	return JSON.parse(Buffer.concat(parts).toString());
}

async function answer(call, { id, params: [session, object, method, params] }) {
	/* uhttpd tells the callee who asks, in a parameter that no method has. */
	const [status, data] = await call(object, method, { ...params, ubus_rpc_session: session });

	if (ERRORS[status]) return { jsonrpc: '2.0', id, error: ERRORS[status] };
	return { jsonrpc: '2.0', id, result: data === undefined ? [status] : [status, data] };
}

async function file(path) {
	if (path === '/') path = '/host/index.html';

	const [prefix, folder] = Object.entries(FOLDERS).find(([start]) => path.startsWith(start)) ?? [];
	const inside = normalize(path.slice(prefix?.length ?? 0));
	if (!prefix || inside.startsWith('..')) return null;

	try {
		return { type: TYPES[extname(inside)] ?? 'application/octet-stream', content: await readFile(folder + inside) };
	}
	catch {
		return null;
	}
}

/* → { url, close() } */
export async function serve(call) {
	const server = createServer(async (request, response) => {
		try {
			const { pathname } = new URL(request.url, 'http://localhost');

			if (request.method === 'POST' && pathname === '/ubus') {
				const reply = await answer(call, await body(request));
				response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
				return;
			}

			const found = await file(pathname);
			if (found) response.writeHead(200, { 'content-type': found.type }).end(found.content);
			else response.writeHead(404).end();
		}
		catch (error) {
			response.writeHead(500).end(String(error));
		}
	});

	await new Promise(ready => server.listen(0, '127.0.0.1', ready));

	return {
		url: `http://127.0.0.1:${server.address().port}`,
		close: () => new Promise(closed => {
			server.closeAllConnections();
			server.close(closed);
		})
	};
}
