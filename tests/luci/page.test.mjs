/* The page and the widget before a daemon of cardboard: every state a router's owner may meet. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DESKTOP, launch, PHONE, visit } from './browser.mjs';
import { CONFIG, fake, MISSPELT, state, UNKNOWN_ZONE } from './fake.mjs';
import { picture } from './picture.mjs';

const PAGE = '/?view=ferrowall/offload&poll=1';
const WIDGET = '/?include=31_ferrowall&poll=1';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const open = (firewall, story, options, calls) => visit(browser, fake(firewall, calls), PAGE, options, story);
const button = (page, name) => page.getByRole('button', { name, exact: true });
const region = (page, name) => page.getByRole('region', { name, exact: true });
const outcome = page => page.getByRole('status');

/* Waits until the text is there. */
const shows = (place, text) => place.filter({ hasText: text }).first().waitFor();
const row = (place, name) => place.getByRole('row').filter({ has: place.page().getByRole('rowheader', { name, exact: true }) });
const value = (place, name) => row(place, name).getByRole('cell').innerText();

test('the state of the firewall is told in full', () => open(state(), async page => {
	const firewall = region(page, 'Firewall');
	assert.equal(await value(firewall, 'State'), 'Loaded');
	assert.equal(await value(firewall, 'Last change'), 'Successful Reload');
	assert.match(await value(firewall, 'When'), /\(1 minute ago\)$/);
	assert.equal(await value(firewall, 'Took'), '23 ms');
	assert.equal(await value(firewall, 'Generation'), '17');
	assert.equal(await value(firewall, 'Asked for by'), 'procd (config.change)');
	assert.match(await value(firewall, 'Way into the kernel'), /^nft, .*20-upnp\.nft.*qos\.nft$/s);

	const offload = region(page, 'Flow offloading');
	assert.match(await value(offload, 'Requested'), /^Hardware/);
	assert.equal(await value(offload, 'Effective'), 'Software');
	assert.equal(await value(offload, 'Reason'), 'refused by wlan0 (driver has no flow offload)');
	assert.match(await value(offload, 'Devices'), /^eth0\s*lan1\s*lan2\s*pppoe-wan$/);
	assert.match(await value(offload, 'Offloaded connections'), /^2\d\d of 812$/);
	assert.equal(await value(offload, 'Bytes on the fast path'), '93 %');
	assert.equal(await value(offload, 'Wi-Fi offload (WED)'), 'present');
	assert.equal(await value(offload, 'Passed by'), 'Warning ingress on pppoe-wan: offloaded flows pass it by');
	assert.match(await value(offload, 'Missing'), /^net\.netfilter\.nf_conntrack_acct .* sysctl/);
	assert.equal(await page.getByRole('meter').first().getAttribute('aria-label'), '1210 bound, 88 unbound, 4 finished');
	assert.match(await offload.getByRole('row').filter({ hasText: 'tcp 192.168.1.20:51612 → 203.0.113.7:443' }).innerText(), /Hardware\s+1\.1 GiB/);
}));

test('a warning names its section, place and hint, and leads to the form', () => open(state(), async page => {
	const warning = region(page, 'Configuration').getByRole('listitem');
	await shows(warning, MISSPELT.message);
	assert.equal(await warning.count(), 1);
	await shows(warning, `@rule[3] “${MISSPELT.name}”, option proto = icmpp · ${CONFIG}:87:9`);
	await shows(warning, MISSPELT.hint);
	assert.equal(await warning.getByRole('link', { name: 'Traffic Rules' }).getAttribute('href'), '/cgi-bin/luci/admin/network/firewall/rules');
}));

test('restart restarts the firewall and the page says how it went', () => {
	const calls = [];

	return open(state(), async page => {
		await button(page, 'Restart').click();
		await shows(outcome(page), 'Restart: successful. 12 ms · generation 18');
		assert.equal(calls.filter(call => call === 'firewall.restart').length, 1);
		assert.equal(await value(region(page, 'Firewall'), 'Last change'), 'Successful Restart');
	}, {}, calls);
});

test('a failed reload is told with its reason, and that the old rules stay', () => {
	const firewall = state();
	firewall.outcome = { ok: false, error: 'the kernel refused chain forward: No such file or directory', diagnostics: [UNKNOWN_ZONE, MISSPELT] };

	return open(firewall, async page => {
		await button(page, 'Reload').click();
		await shows(outcome(page), firewall.outcome.error);
		await shows(outcome(page), 'The kernel kept the rules it had before.');
		assert.equal(await page.getByText(firewall.outcome.error).count(), 1, 'once is enough');

		const problems = region(page, 'Configuration').getByRole('listitem');
		await shows(problems, UNKNOWN_ZONE.message);
		assert.equal(await problems.count(), 2);
		assert.match(await problems.first().innerText(), /^Error/);
		assert.equal(await problems.first().getByRole('link').getAttribute('href'), '/cgi-bin/luci/admin/network/firewall/forwards');
		await picture(page, 'failed');
	});
});

test('check shows what it finds and changes nothing', () => {
	const firewall = state();
	firewall.outcome = { ok: false, error: null, diagnostics: [UNKNOWN_ZONE] };

	return open(firewall, async page => {
		await button(page, 'Check').click();
		await shows(outcome(page), UNKNOWN_ZONE.message);
		assert.equal(await value(region(page, 'Firewall'), 'Generation'), '17');
		assert.equal(await outcome(page).getByText('kept the rules').count(), 0);
	});
});

test('while a restart runs nothing else can be started, and the focus stays', () => {
	const firewall = state();
	const calls = [];
	let finish;
	firewall.gate = new Promise(resolve => { finish = resolve; });

	return open(firewall, async page => {
		await button(page, 'Restart').focus();
		await page.keyboard.press('Enter');
		await shows(outcome(page), 'Restart: at work…');

		for (const name of ['Check', 'Reload', 'Restart']) {
			assert.equal(await button(page, name).getAttribute('aria-disabled'), 'true');
			await button(page, name).dispatchEvent('click');
		}

		finish();
		await shows(outcome(page), 'successful');
		assert.equal(calls.filter(call => /reload|restart|check/.test(call)).length, 1);
		assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Restart');
		assert.equal(await button(page, 'Restart').getAttribute('aria-disabled'), 'false');
	}, {}, calls);
});

test('a firewall busy on behalf of somebody else is not disturbed', () => {
	const firewall = state();
	firewall.status.busy = true;

	return open(firewall, async page => {
		await shows(page.getByRole('cell'), 'The firewall is being changed right now.');
		assert.equal(await button(page, 'Restart').getAttribute('aria-disabled'), 'true');
		assert.equal(await button(page, 'Check').getAttribute('aria-disabled'), 'false');

		firewall.status = { ...firewall.status, busy: false };
		await shows(row(region(page, 'Firewall'), 'State'), 'Loaded');
		assert.equal(await button(page, 'Restart').getAttribute('aria-disabled'), 'false');
	});
});

test('a try shows how long there is, and ends with a press on a button', async () => {
	for (const name of ['Confirm', 'Revert']) {
		const firewall = state();
		const calls = [];
		firewall.status.reverts_in = 42;

		await open(firewall, async page => {
			await shows(page.locator('.fw-box'), 'In 42 seconds the rules and the configuration before come back');
			firewall.status = { ...firewall.status, reverts_in: 41 };
			await shows(page.locator('.fw-box'), 'In 41 seconds');
			await button(page, name).click();
			await shows(outcome(page), `${name}: successful.`);
			assert.equal(calls.filter(call => call === `firewall.${name.toLowerCase()}`).length, 1);
			await button(page, name).waitFor({ state: 'detached' });
		}, {}, calls);
	}
});

test('the emergency ruleset is not to be overlooked', () => {
	const firewall = state();
	firewall.status.loaded = false;
	firewall.status.last.emergency = true;

	return open(firewall, page => shows(page.locator('.fw-box'), 'only management from the lan side gets in'));
});

test('without the daemon the page says so and what to do, and recovers', () => {
	const firewall = state();
	firewall.absent = true;

	return open(firewall, async page => {
		await page.getByText('The firewall daemon is not running.').waitFor();
		assert.equal(await page.getByRole('link', { name: 'System → Startup' }).getAttribute('href'), '/cgi-bin/luci/admin/system/startup');
		assert.equal(await button(page, 'Restart').getAttribute('aria-disabled'), 'true');
		assert.equal(await region(page, 'Flow offloading').count(), 0, 'an empty section');
		await picture(page, 'absent');

		firewall.absent = false;
		await shows(page.getByRole('cell'), 'Loaded');
		assert.equal(await page.getByText('The firewall daemon is not running.').count(), 0);
	});
});

test('a failure from before the page was opened is told', () => {
	const firewall = state();
	firewall.status.last.error = 'the kernel refused chain forward: No such file or directory';

	return open(firewall, async page => {
		await page.getByText('The last change failed.').waitFor();
		assert.match(await value(region(page, 'Firewall'), 'Last change'), /^Failed/);
	});
});

test('a table that somebody deleted is noticed', () => {
	const firewall = state();
	firewall.status.table = false;

	return open(firewall, page => shows(page.getByRole('cell'), 'Somebody removed the table “inet fw4” from the kernel.'));
});

test('a daemon that has only the simplest answers still makes a page', () => {
	const firewall = state();
	firewall.status = { loaded: false };
	firewall.offload = null;

	return open(firewall, async page => {
		assert.equal(await value(region(page, 'Firewall'), 'State'), 'Not loaded');
		await shows(page.getByRole('cell'), 'Nothing yet since the daemon was started.');
		await shows(region(page, 'Flow offloading'), 'Unknown.');
	});
});

test('text from the configuration never becomes markup', () => {
	const firewall = state();
	const evil = '<img src=x onerror="document.title=1">';
	firewall.status.diagnostics = [{ ...MISSPELT, name: evil, value: evil, message: evil, hint: evil, section: evil }];
	firewall.status.last.error = evil;
	firewall.offload.reason = evil;
	firewall.offload.devices = [evil];
	firewall.offload.flows.top = [{ protocol: evil, src: evil, dst: evil, offload: evil, bytes: 1 }];
	firewall.offload.settings = [{ name: evil, ok: false, hint: evil }];
	firewall.offload.ppe = [{ name: evil, bound: 1 }];
	firewall.outcome = { ok: false, error: evil, diagnostics: firewall.status.diagnostics };

	return open(firewall, async page => {
		await button(page, 'Check').click();
		await shows(outcome(page), evil);
		assert.equal(await page.locator('img').count(), 0);
	});
});

test('connections that cannot be read are no reason to show nothing', () => {
	const firewall = state();
	firewall.offload = { ...firewall.offload, flows: null, flows_error: 'Operation not permitted' };

	return open(firewall, async page => {
		await shows(page.getByRole('row'), 'cannot be read: Operation not permitted');
		assert.equal(await value(region(page, 'Flow offloading'), 'Effective'), 'Software');
	});
});

test('a user who may only read can check, and nothing else', () => visit(browser, fake(state()), `${PAGE}&readonly`, {}, async page => {
	await button(page, 'Check').waitFor();
	assert.equal(await button(page, 'Check').getAttribute('aria-disabled'), 'false');
	assert.equal(await button(page, 'Reload').getAttribute('aria-disabled'), 'true');
	assert.equal(await button(page, 'Restart').getAttribute('aria-disabled'), 'true');
}));

test('the chart moves and can be read aloud', () => open(state(), async page => {
	const chart = page.getByRole('img', { name: /^Offloaded connections in the last \d+ seconds?\. Software: \d+ now, between \d+ and \d+\./ });
	await chart.waitFor();
	const points = () => chart.locator('polyline').first().getAttribute('points');
	const earlier = await points();
	await page.waitForFunction(before => document.querySelector('.fw-chart polyline').getAttribute('points') !== before, earlier);
	assert.ok((await points()).split(' ').length > earlier.split(' ').length);
}));

test('what the reader has selected stays while the page is refreshed', () => {
	const calls = [];

	return open(state(), async page => {
		const link = page.getByRole('link', { name: 'Traffic Rules' });
		await link.focus();
		const asked = calls.length;
		while (calls.length < asked + 6) await page.evaluate(() => new Promise(requestAnimationFrame));
		assert.ok(await link.evaluate(node => node === document.activeElement));
	}, {}, calls);
});

for (const [name, options] of Object.entries({
	'desktop-light': { screen: DESKTOP }, 'desktop-dark': { screen: DESKTOP, dark: true },
	'phone-light': { screen: PHONE }, 'phone-dark': { screen: PHONE, dark: true }
}))
	test(`nothing sticks out and all can be read: ${name}`, () => {
		const firewall = state();
		firewall.status.diagnostics = [MISSPELT, UNKNOWN_ZONE];

		return open(firewall, async page => {
			await page.locator('.fw-chart').waitFor();
			await page.waitForFunction(() => document.querySelector('.fw-chart polyline').getAttribute('points').split(' ').length > 4);
			await picture(page, name);

			assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is wider than the screen');
			assert.deepEqual(await page.locator('td').evaluateAll(cells => cells.filter(cell => cell.scrollWidth > cell.clientWidth)
				.map(cell => cell.textContent)), [], 'text is cut off');
			assert.deepEqual(await page.evaluate(() => import('/host/contrast.js').then(module => module.faint(4.5))), []);
		}, options);
	});

test('the overview widget tells the essentials', () => visit(browser, fake(state()), WIDGET, { dark: true }, async page => {
	await page.getByRole('row').first().waitFor();
	assert.equal(await value(page.locator('#view'), 'State'), 'Loaded');
	assert.match(await value(page.locator('#view'), 'Last change'), /^Successful Reload, 1 minute ago$/);
	assert.equal(await value(page.locator('#view'), 'Flow offloading'), 'Software (requested: Hardware)');
	assert.match(await value(page.locator('#view'), 'Configuration'), /^1 warning/);
	await picture(page, 'widget');
}));

test('the overview widget says when the daemon is not there', () => {
	const firewall = state();
	firewall.absent = true;

	return visit(browser, fake(firewall), WIDGET, {}, page => shows(page.getByRole('cell'), 'Daemon not running'));
});

const policy = (firewall, story, options) => visit(browser, fake(firewall), '/?view=ferrowall/policy', options, story);

test('the offload policy has its warnings beside it', () => policy(state(), async page => {
	const passedBy = region(page, 'Passed by');
	await shows(passedBy.getByRole('listitem'), 'ingress on pppoe-wan: offloaded flows pass it by');
	await page.getByRole('group', { name: 'Some connections' }).getByLabel('Destination port').waitFor();
	await page.getByRole('group', { name: 'All connections' }).getByLabel('Keep marked connections out').waitFor();
	await picture(page, 'policy');
}));

test('the offload policy can be set without a daemon, and without anything to warn of', async () => {
	await policy({ ...state(), absent: true }, async page => {
		await shows(region(page, 'Passed by'), 'The firewall daemon does not answer');
	});
	const calm = state();
	calm.offload.conflicts = [];
	await policy(calm, async page => {
		await shows(region(page, 'Passed by'), 'No queue and no rule is passed by at present.');
	});
});
