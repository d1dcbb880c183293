/* A router for the page to look at: a folder with its configuration, a network namespace, and the real daemon in it. */

import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Bus } from './ubus.mjs';

export const CONFIG = `
config defaults
	option input 'REJECT'
	option output 'ACCEPT'
	option forward 'REJECT'

config zone
	option name 'lan'
	list network 'lan'
	option input 'ACCEPT'
	option output 'ACCEPT'
	option forward 'ACCEPT'

config zone
	option name 'wan'
	list network 'wan'
	option input 'REJECT'
	option output 'ACCEPT'
	option forward 'REJECT'
	option masq '1'

config forwarding
	option src 'lan'
	option dest 'wan'

config rule
	option name 'Allow-Ping'
	option src 'wan'
	option proto 'icmp'
	option target 'ACCEPT'
`;

export class Router {
	static async start(binary) {
		const router = new Router();
		router.binary = binary;
		router.root = mkdtempSync(join(tmpdir(), 'ferrowall-luci-'));
		router.namespace = `ferrowall-luci-${process.pid}`;
		router.bus = new Bus(join(router.root, 'ubus.sock'));
		await router.bus.ready;

		router.write('etc/config/firewall', CONFIG);
		router.write('ubus/network.interface-dump.json', JSON.stringify({ interface: [
			{ interface: 'lan', up: true, l3_device: 'br-lan', device: 'br-lan' },
			{ interface: 'wan', up: true, l3_device: 'eth1', device: 'eth1' }
		] }));

		execFileSync('ip', ['netns', 'add', router.namespace]);
		return router;
	}

	write(path, content) {
		const file = join(this.root, path);
		mkdirSync(dirname(file), { recursive: true });
		writeFileSync(file, content);
	}

	#inside(program, ...words) {
		return execFileSync('ip', ['netns', 'exec', this.namespace, program, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
	}

	ferrowall(...words) {
		return this.#inside(this.binary, '--root', this.root, ...words);
	}

	/* The kernel's number for the first rule of chain input: another one for each rule made, as a restart does. */
	handle() {
		const listed = JSON.parse(this.#inside('nft', '-j', 'list', 'ruleset')).nftables;
		return listed.find(one => one.rule?.chain === 'input')?.rule.handle ?? null;
	}

	rules() {
		return this.#inside('nft', 'list', 'table', 'inet', 'fw4');
	}

	async serve() {
		this.daemon = spawn('ip', ['netns', 'exec', this.namespace, this.binary, '--root', this.root, 'serve'],
			{ env: { ...process.env, UBUS_SOCKET: this.bus.path }, stdio: ['ignore', 'inherit', 'inherit'] });
		await Promise.race([this.bus.object('firewall'), new Promise((_, failed) => {
			this.daemon.once('exit', code => failed(new Error(`the daemon ended with ${code} before it was on the bus`)));
			this.daemon.once('error', failed);
		})]);
	}

	async leave() {
		if (!this.daemon || this.daemon.exitCode !== null) return;
		const gone = new Promise(ended => this.daemon.once('exit', ended));
		this.daemon.kill();
		await gone;
		this.daemon = null;
	}

	async remove() {
		await this.leave();
		await this.bus.close();
		execFileSync('ip', ['netns', 'delete', this.namespace]);
		rmSync(this.root, { recursive: true });
	}
}
