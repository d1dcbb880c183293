/*
 * The template for translators, po/templates/ferrowall.pot: every text that the app shows, with where it stands.
 *
 *   node pot.mjs     writes it
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const APP = fileURLToPath(new URL('../../openwrt-feed/luci-app-ferrowall/', import.meta.url));
export const POT = join(APP, 'po/templates/ferrowall.pot');

/* _('…') and N_(…, '…', '…'), and what LuCI translates of menus and access rules. */
const CALLS = /\b_\('((?:[^'\\]|\\.)*)'\)|\bN_\([^']*'((?:[^'\\]|\\.)*)', '((?:[^'\\]|\\.)*)'\)/g;
const FIELDS = /"(?:title|description)": "((?:[^"\\]|\\.)*)"/g;

const files = () => ['htdocs', 'root'].flatMap(folder => readdirSync(join(APP, folder), { recursive: true, withFileTypes: true }))
	.filter(entry => /\.js(on)?$/.test(entry.name)).map(entry => join(entry.parentPath ?? entry.path, entry.name)).sort();

const quoted = text => `"${text.replaceAll('"', '\\"')}"`;

export function template() {
	const texts = new Map();

	for (const file of files()) {
		const source = readFileSync(file, 'utf8');

		for (const match of source.matchAll(file.endsWith('.json') ? FIELDS : CALLS)) {
			const [, plain, singular, plural] = match;
			const text = plain ?? singular;
			const line = source.slice(0, match.index).split('\n').length;
			const entry = texts.get(text) ?? { plural, places: [] };

			entry.plural ??= plural;
			entry.places.push(`#: luci-app-ferrowall/${relative(APP, file)}:${line}`);
			texts.set(text, entry);
		}
	}

	const entries = [...texts].sort(([a], [b]) => a < b ? -1 : 1).map(([text, { plural, places }]) => [
		...places, `msgid ${quoted(text)}`,
		...(plural === undefined ? ['msgstr ""'] : [`msgid_plural ${quoted(plural)}`, 'msgstr[0] ""', 'msgstr[1] ""'])
	].join('\n'));

	return ['msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8"', ...entries].join('\n\n') + '\n';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(POT, template());
