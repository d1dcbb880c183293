/* Screenshots for whoever wants to look: into the folder that $PICTURES names, nowhere without it. */

import { mkdir } from 'node:fs/promises';

export async function picture(page, name) {
	const folder = process.env.PICTURES;
	if (!folder) return;

	await mkdir(folder, { recursive: true });
	await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}
