/* What the app's files say about each other: needs neither browser nor daemon. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { POT, template } from './pot.mjs';

const path = name => fileURLToPath(new URL(`../../openwrt-feed/luci-app-ferrowall/${name}`, import.meta.url));
const text = name => readFileSync(path(name), 'utf8');
const json = name => JSON.parse(text(name));

const acl = json('root/usr/share/rpcd/acl.d/luci-app-ferrowall.json');
const menu = json('root/usr/share/luci/menu.d/luci-app-ferrowall.json');
const backend = text('htdocs/luci-static/resources/ferrowall/backend.js');

test('the menu leads to a view and to an access group that exist', () => {
	for (const entry of Object.values(menu)) {
		if (entry.action.type === 'alias') assert.ok(entry.action.path in menu);
		else assert.ok(existsSync(path(`htdocs/luci-static/resources/view/${entry.action.path}.js`)));
		for (const group of entry.depends.acl) assert.ok(group in acl);
	}
});

test('the access group grants what the page calls, and lets only writers change the firewall', () => {
	const { read, write } = acl['luci-app-ferrowall'];
	const called = [...backend.matchAll(/declare\('(\w+)'/g)].map(([, method]) => method);
	const changing = ['reload', 'restart', 'confirm', 'revert'];

	for (const method of called)
		assert.ok((changing.includes(method) ? write : read).ubus.firewall.includes(method), method);
	for (const method of changing) assert.ok(!read.ubus.firewall.includes(method), method);
	assert.deepEqual([read.uci, write.uci], [['firewall'], ['firewall']]);
	assert.deepEqual([Object.keys(read), Object.keys(write)], [['ubus', 'uci'], ['ubus', 'uci']]);
});

test('the template for translators is up to date (node tests/luci/pot.mjs)', () => {
	assert.equal(readFileSync(POT, 'utf8'), template());
});
