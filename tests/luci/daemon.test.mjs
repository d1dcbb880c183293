/* The page before the real daemon, whose firewall is in a network namespace: what is clicked happens in the kernel. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, visit } from './browser.mjs';
import { picture } from './picture.mjs';
import { CONFIG, Router } from './router.mjs';

const PAGE = '/?view=ferrowall/offload&poll=1';

const binary = process.env.FERROWALL;
const skip = binary ? false : 'FERROWALL names no binary';

let browser, router;

before(async () => {
	if (skip) return;
	browser = await launch();
	router = await Router.start(binary);
	router.ferrowall('start');
	await router.serve();
});

after(async () => {
	await browser?.close();
	await router?.remove();
});

const story = (name, tell) => test(name, { skip }, () => visit(browser, router.bus.call, PAGE, {}, tell));
const button = (page, name) => page.getByRole('button', { name, exact: true });
const shows = (place, text) => place.filter({ hasText: text }).first().waitFor();
const outcome = page => page.getByRole('status');
const row = (page, name) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });

story('restart makes all rules in the kernel anew, and the page shows it', async page => {
	await shows(row(page, 'State'), 'Loaded');
	await shows(row(page, 'Last change'), 'Start');
	const before = router.handle();
	assert.notEqual(before, null);

	await button(page, 'Restart').click();
	await shows(outcome(page), 'Restart: successful.');
	assert.ok(router.handle() > before);
	await shows(row(page, 'Last change'), 'Restart');
	await shows(row(page, 'Asked for by'), 'ubus');
	await picture(page, 'daemon-restart');
});

story('reload brings a changed configuration into the kernel', async page => {
	router.write('etc/config/firewall', `${CONFIG}
config rule
	option name 'Allow-Web'
	option src 'wan'
	option proto 'tcp'
	option dest_port '8443'
	option target 'ACCEPT'
`);
	assert.doesNotMatch(router.rules(), /8443/);
	await button(page, 'Reload').click();
	await shows(outcome(page), 'Reload: successful.');
	assert.match(router.rules(), /tcp dport 8443 .*accept/);
});

story('a planted mistake is told with its section and line, by check and by reload', async page => {
	const config = `${CONFIG}
config rule
	option name 'Misspelt'
	option src 'wan'
	option proto 'tcp'
	option dest_port '80x'
	option target 'ACCEPT'
`;
	const line = config.split('\n').findIndex(text => text.includes('80x')) + 1;
	router.write('etc/config/firewall', config);

	const told = async place => {
		await shows(place, '@rule[1] “Misspelt”');
		await shows(place, 'dest_port = 80x');
		await shows(place, `firewall:${line}`);
		assert.match(await place.getByRole('link', { name: 'Traffic Rules' }).first().getAttribute('href'), /firewall\/rules$/);
	};

	await button(page, 'Check').click();
	await told(outcome(page).getByRole('listitem'));
	await button(page, 'Reload').click();
	await told(page.getByRole('region', { name: 'Configuration' }).getByRole('listitem'));
	await picture(page, 'daemon-mistake');
});

story('a firewall that somebody else stopped is shown as not loaded', async page => {
	await shows(row(page, 'State'), 'Loaded');
	router.ferrowall('stop');
	await shows(row(page, 'State'), 'Not loaded');
	await button(page, 'Reload').click();
	await shows(outcome(page), 'Reload failed:');
	await button(page, 'Restart').click();
	await shows(outcome(page), 'Restart: successful.');
	await shows(row(page, 'State'), 'Loaded');
});

story('when the daemon leaves the page says so, and when it is back shows the firewall', async page => {
	await shows(row(page, 'State'), 'Loaded');
	await router.leave();
	await page.getByText('The firewall daemon is not running.').waitFor();
	assert.notEqual(router.handle(), null, 'the rules stay');
	await router.serve();
	await shows(row(page, 'State'), 'Loaded');
});

/* What LuCI's form writes for each choice of Network → Firewall → Routing/NAT offloading. */
for (const [choice, options] of Object.entries({
	Off: '',
	Software: "\toption flow_offloading '1'\n",
	Hardware: "\toption flow_offloading '1'\n\toption flow_offloading_hw '1'\n"
}))
	story(`the choice “${choice}” in LuCI's form arrives, and what became of it is told`, async page => {
		router.write('etc/config/firewall', CONFIG.replace("config defaults\n", match => match + options));
		await button(page, 'Reload').click();
		await shows(outcome(page), 'Reload: successful.');
		await shows(row(page, 'Requested'), choice);

		const { effective, reason } = (await router.bus.call('firewall', 'offload', {}))[1];
		const words = { off: 'Off', software: 'Software', hardware: 'Hardware' };
		await shows(row(page, 'Effective'), words[effective]);

		/* A kernel without flowtables offloads nothing, which needs a reason. */
		if (words[effective] === choice) assert.equal(await row(page, 'Reason').count(), 0);
		else await shows(row(page, 'Reason'), reason);
		await picture(page, `daemon-${choice}`);
	});

test('the firewall knows every option of the policy form', { skip }, () => visit(browser, router.bus.call, '/?view=ferrowall/policy', {}, async page => {
	/* A value that is right for each. */
	const values = {
		flow_offloading_after_packets: '30', flow_offloading_dscp_mark: '0xfc000000/0x01000000', name: 'Voice', action: 'bypass', src: 'lan', dest: 'wan', proto: 'tcp udp', family: 'ipv4',
		src_ip: '192.168.1.9', src_mac: '00:11:22:33:44:55', src_port: '1-1023', dest_ip: '203.0.113.9', dest_port: '5060-5061',
		ipset: 'phones', mark: '0x10', dscp: 'EF'
	};
	await page.getByRole('group', { name: 'Some connections' }).waitFor();
	const sections = await page.locator('[data-section]').evaluateAll(groups => groups.map(group => [
		group.dataset.section, [...group.querySelectorAll('[data-option]')].map(field => field.dataset.option)
	]));
	assert.deepEqual(sections.map(([kind]) => kind), ['defaults', 'offload']);
	const text = sections.map(([kind, options]) => `config ${kind}\n${options.map(name => `\toption ${name} '${values[name] ?? 1}'\n`).join('')}`);
	const set = "config ipset\n\toption name 'phones'\n\tlist match 'src_ip'\n";
	router.write('etc/config/firewall', `${CONFIG.replace(/config defaults\n/, `${text[0]}\toption flow_offloading '1'\n`)}\n${set}\n${text[1]}`);
	const [, { diagnostics }] = await router.bus.call('firewall', 'check', {});
	assert.deepEqual(diagnostics.filter(({ section }) => /defaults|offload/.test(section ?? '')), []);
}));
