/* LuCI's String.format, as far as its reference describes it and views use it: %s %d %u %x %f %.2f %% and %1024.1mB. */

const PREFIXES = ['', 'K', 'M', 'G', 'T', 'P', 'E'];

function metric(value, base, digits) {
	let power = 0;
	let rest = Number(value) || 0;

	while (rest > base && power + 1 < PREFIXES.length) {
		rest /= base;
		power++;
	}

	return `${rest.toFixed(power ? digits : 0)} ${PREFIXES[power]}${power && base === 1024 ? 'i' : ''}`;
}

export function format(text, values) {
	let next = 0;

	return text.replace(/%(\d+)?(?:\.(\d+))?([%sdufxm])/g, (whole, width, precision, kind) => {
		if (kind === '%') return '%';
		if (next >= values.length) return whole;

		const value = values[next++];

		switch (kind) {
			case 'd':
			case 'u': return Math.floor(Number(value) || 0).toFixed(0);
			case 'x': return Math.floor(Number(value) || 0).toString(16);
			case 'f': return precision === undefined ? String(Number(value) || 0) : (Number(value) || 0).toFixed(Number(precision));
			case 'm': return metric(value, Number(width ?? 1000), Number(precision ?? 2));
			default: return String(value);
		}
	});
}
