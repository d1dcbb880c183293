/*
 * A host for LuCI views: the part of LuCI's public JavaScript API that views are written against, as its
 * reference documents it (LuCI, baseclass, view, dom, poll, rpc, ui, form, and the globals E, L, _, N_ and
 * String.format), over the JSON-RPC bridge of server.mjs.
 *
 * It has nothing else: a view that reaches behind the public API fails here.
 *
 *   /?view=ferrowall/offload     a view, in #view
 *   /?include=31_ferrowall       a widget of the overview page
 *   &readonly                    as a user who may not write
 *   &poll=1                      seconds between two polls
 */

import { form, widgets } from './form.js';
import { format } from './format.js';

const address = new URLSearchParams(location.search);
const modules = new Map();

Object.defineProperty(String.prototype, 'format', {
	value: function (...values) { return format(String(this), values); }
});

window._ = text => text;
window.N_ = (count, singular, plural) => count === 1 ? singular : plural;

/* Classes as LuCI has them: extend() makes a subclass whose methods are the properties given. */
class Base {
	constructor(...values) {
		return this.__init__?.(...values) ?? this;
	}

	static extend(properties) {
		const Class = class extends this {};
		Object.assign(Class.prototype, properties);
		return Class;
	}
}

const dom = {
	elem: value => value instanceof Node,

	attr(node, name, value) {
		const attributes = typeof name === 'object' ? name : { [name]: value };

		for (const [key, content] of Object.entries(attributes ?? {})) {
			if (content === null || content === undefined) continue;
			if (typeof content === 'function') node.addEventListener(key, content);
			else node.setAttribute(key, typeof content === 'object' ? JSON.stringify(content) : content);
		}
	},

	/* A bare string is HTML, strings in a list are text: LuCI's rule, and a trap worth keeping. */
	append(node, children) {
		if (Array.isArray(children)) {
			for (const child of children)
				if (child !== null && child !== undefined)
					node.append(dom.elem(child) ? child : String(child));
		}
		else if (typeof children === 'function') dom.append(node, children(node));
		else if (dom.elem(children)) node.append(children);
		else if (children !== null && children !== undefined) node.innerHTML = String(children);

		return node.lastChild;
	},

	content(node, children) {
		node.replaceChildren();
		return dom.append(node, children);
	},

	create(tag, attributes, children) {
		if (Array.isArray(attributes) || typeof attributes !== 'object' || attributes === null || dom.elem(attributes))
			[attributes, children] = [null, children ?? attributes];

		const node = Array.isArray(tag) ? document.createDocumentFragment() : document.createElement(tag);

		if (Array.isArray(tag)) dom.append(node, tag);
		if (attributes) dom.attr(node, attributes);
		dom.append(node, children);

		return node;
	}
};

window.E = dom.create;

const poll = {
	add(task, interval) {
		let idle = true;

		setInterval(() => {
			if (!idle) return;
			idle = false;
			Promise.resolve(task()).finally(() => { idle = true; });
		}, 1000 * (interval ?? L.env.pollinterval));

		return true;
	}
};

const STATUS = ['Command OK', 'Invalid command', 'Invalid argument', 'Method not found', 'Resource not found', 'No data received',
	'Permission denied', 'Request timeout', 'Not supported', 'Unspecified error', 'Connection lost'];

function rpcError(text) {
	const error = new Error(text);
	error.name = 'RPCError';
	return error;
}

const rpc = {
	declare({ object, method, params = [], expect, reject }) {
		return async (...values) => {
			const named = Object.fromEntries(params.map((name, index) => [name, values[index]]));
			const response = await fetch('/ubus', {
				method: 'POST',
				body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'call', params: ['0'.repeat(32), object, method, named] })
			});
			const { result, error } = await response.json();

			if (error)
				throw rpcError(`RPC call to ${object}/${method} failed with error ${error.code}: ${error.message}`);

			const [code, data] = result;

			if (reject && code !== 0)
				throw rpcError(`RPC call to ${object}/${method} failed with ubus code ${code}: ${STATUS[code] ?? 'Unknown error code'}`);

			for (const [key, fallback] of Object.entries(expect ?? {})) {
				const found = key === '' ? data : data?.[key];
				return Object.prototype.toString.call(found) === Object.prototype.toString.call(fallback) ? found : fallback;
			}

			return result.length > 1 ? data : code;
		};
	},

	getStatusText: code => STATUS[code] ?? 'Unknown error code'
};

const View = Base.extend({
	async __init__() {
		const place = document.getElementById('view');
		dom.content(place, await this.render(await this.load()));
	},
	load() {},
	render() {}
});

modules.set('form', form).set('tools.widgets', widgets);
modules.set('baseclass', Base).set('dom', dom).set('poll', poll).set('rpc', rpc).set('view', View);

/* 'require NAME as ALIAS' lines at the head of a file, before its first other statement. */
function requirements(source) {
	const found = [];
	const line = /\s*(?:\/\*[\s\S]*?\*\/|\/\/[^\n]*|(['"])(.*?)\1;)/y;

	for (let match; (match = line.exec(source)) !== null;) {
		const [, name, alias] = /^require\s+(\S+)(?:\s+as\s+(\S+))?$/.exec(match[2] ?? '') ?? [];
		if (name) found.push([name, alias ?? name.replace(/\W/g, '_')]);
	}

	return found;
}

async function load(name) {
	const response = await fetch(L.resource(`${name.replaceAll('.', '/')}.js`));
	if (!response.ok) throw new Error(`${name}: HTTP ${response.status}`);

	const source = await response.text();
	const needed = requirements(source);
	const instances = await Promise.all(needed.map(([wanted]) => L.require(wanted)));
	const factory = new Function('window', 'document', 'L', ...needed.map(([, alias]) => alias), `${source}\n//# sourceURL=${response.url}`);

	return new (factory(window, document, L, ...instances))();
}

window.L = {
	env: { pollinterval: Number(address.get('poll') ?? 5) },
	bind: (task, self, ...values) => task.bind(self, ...values),
	isObject: value => typeof value === 'object' && value !== null,
	toArray: value => value === null || value === undefined ? [] : Array.isArray(value) ? value
		: typeof value === 'object' ? [value] : String(value).trim().split(/\s+/).filter(Boolean),
	resolveDefault: (value, fallback) => Promise.resolve(value).catch(() => fallback),
	url: (...parts) => ['/cgi-bin/luci', ...parts].join('/'),
	resource: (...parts) => ['/luci-static/resources', ...parts].join('/'),
	hasViewPermission: () => !address.has('readonly'),
	require(name) {
		if (!modules.has(name)) modules.set(name, load(name));
		return Promise.resolve(modules.get(name));
	}
};

/* The overview page: load, render, and again at each poll; a widget that renders nothing is hidden. */
async function overview(name) {
	const widget = await L.require(`view.status.include.${name}`);
	const container = E('div');
	const section = E('div', { class: 'cbi-section', style: 'display:none' }, [E('h3', {}, [widget.title]), container]);
	const step = async () => {
		const content = widget.render(await widget.load());
		if (content === null) return;
		section.style.display = '';
		dom.content(container, content);
	};

	await step();
	document.getElementById('view').append(section);
	poll.add(step);
}

try {
	await (address.has('include') ? overview(address.get('include'))
		: L.require(`view.${address.get('view').replaceAll('/', '.')}`));
}
catch (error) {
	console.error(error);
	document.getElementById('view').textContent = `The view failed: ${error.stack}`;
}
