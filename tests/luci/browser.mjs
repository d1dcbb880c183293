/* A headless Chromium with one page of the host in it. */

import { chromium } from 'playwright-core';
import { serve } from './server.mjs';

/* Chromium speaks to localhost only: it shall not look for updates and the like. */
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
	'--disable-component-update', '--disable-sync'];

export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGUMENTS });

/*
 * Opens `path` of the host over `call`, and hands the page to `story`. A view that logs an error or loads what
 * is not there fails the test.
 */
export async function visit(browser, call, path, { screen = DESKTOP, dark = false } = {}, story) {
	const server = await serve(call);
	const context = await browser.newContext({
		viewport: screen, screen, isMobile: screen === PHONE, hasTouch: screen === PHONE, colorScheme: dark ? 'dark' : 'light'
	});
	const complaints = [];

	try {
		const page = await context.newPage();
		page.setDefaultTimeout(15_000);
		page.on('pageerror', error => complaints.push(error.stack));
		page.on('console', message => message.type() === 'error' && complaints.push(message.text()));
		await page.goto(server.url + path);
		await story(page);
	}
	finally {
		await context.close();
		await server.close();
	}

	if (complaints.length) throw new Error(`the page complained: ${complaints.join('\n')}`);
}
