/*
 * Finds text that is hard to read, by WCAG's contrast ratio (https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio).
 * Runs in the page.
 */

/* `rgb(…)`, `rgba(…)`: red, green, blue from 0 to 255 and alpha. */
function colour(text) {
	const [red, green, blue, alpha = 1] = text.match(/[\d.]+/g).map(Number);
	return { red, green, blue, alpha };
}

function over(upper, lower) {
	const mix = (a, b) => a * upper.alpha + b * (1 - upper.alpha);
	return { red: mix(upper.red, lower.red), green: mix(upper.green, lower.green), blue: mix(upper.blue, lower.blue), alpha: 1 };
}

function luminance({ red, green, blue }) {
	const [r, g, b] = [red, green, blue].map(value => {
		const share = value / 255;
		return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(a, b) {
	const [bright, dim] = [luminance(a), luminance(b)].sort((x, y) => y - x);
	return (bright + 0.05) / (dim + 0.05);
}

const ancestors = node => node.parentElement ? [...ancestors(node.parentElement), node] : [node];

/* The colours of text and ground at a node, layers and opacity of all ancestors applied. */
function seen(node) {
	let ground = colour('rgb(255, 255, 255)');
	let opacity = 1;

	for (const one of ancestors(node)) {
		const style = getComputedStyle(one);
		ground = over(colour(style.backgroundColor), ground);
		opacity *= Number(style.opacity);
	}

	const style = getComputedStyle(node);
	const text = colour(node instanceof SVGElement ? style.fill : style.color);
	return { ground, text: over({ ...text, alpha: text.alpha * opacity }, ground) };
}

/* Every text in the view below the ratio: ["1.9 some text", …]. */
export function faint(least) {
	const found = [];
	const texts = document.createTreeWalker(document.getElementById('view'), NodeFilter.SHOW_TEXT);

	while (texts.nextNode()) {
		const content = texts.currentNode.textContent.trim();
		const { ground, text } = seen(texts.currentNode.parentElement);
		const contrast = ratio(ground, text);
		if (content && contrast < least) found.push(`${contrast.toFixed(1)} ${content}`);
	}

	return found;
}
