'use strict';
'require baseclass';
'require dom';

/*
 * A small line chart of counts of offloaded connections over the last minutes. Drawn with lines that differ in shape as well
 * as in colour, and told in words for those who do not see it.
 */

const SVG = 'http://www.w3.org/2000/svg';
const HEIGHT = 140;
const LEFT = 44, RIGHT = 8, TOP = 10, BOTTOM = 22;

/* E() makes HTML elements only. */
function shape(name, attributes, children) {
	const node = document.createElementNS(SVG, name);

	dom.attr(node, attributes);
	dom.append(node, children || []);

	return node;
}

/* The next 1, 2 or 5 times a power of ten, so that the scale does not jump with each sample. */
function ceiling(value) {
	const power = Math.pow(10, Math.floor(Math.log10(Math.max(value, 4))));

	return [ 1, 2, 5, 10 ].map(function(step) {
		return step * power;
	}).find(function(limit) {
		return limit >= value && limit >= 4;
	});
}

function span(seconds) {
	return (seconds < 120)
		? N_(seconds, '%d second', '%d seconds').format(seconds)
		: N_(Math.floor(seconds / 60), '%d minute', '%d minutes').format(seconds / 60);
}

return baseclass.extend({
	/* So many samples are kept: five minutes at LuCI's usual interval of five seconds. */
	LENGTH: 60,

	/*
	 * samples: [{ at (ms), software, hardware }], oldest first. width: the pixels there are, so that the
	 * letters are as large on a phone as elsewhere.
	 */
	render: function(samples, width) {
		const first = samples[0], last = samples[samples.length - 1];
		const peak = Math.max.apply(null, samples.map(function(sample) {
			return Math.max(sample.software, sample.hardware);
		}));
		const limit = ceiling(peak);
		const period = Math.max(last.at - first.at, 1);
		const seconds = Math.round((last.at - first.at) / 1000);

		const x = function(at) {
			return LEFT + (at - first.at) / period * (width - LEFT - RIGHT);
		};
		const y = function(count) {
			return HEIGHT - BOTTOM - count / limit * (HEIGHT - TOP - BOTTOM);
		};
		const line = function(key) {
			const points = samples.map(function(sample) {
				return '%.1f,%.1f'.format(x(sample.at), y(sample[key]));
			});

			return shape('polyline', { 'class': 'fw-line fw-' + key, 'points': points.join(' ') });
		};
		const rule = function(count) {
			return shape('g', {}, [
				shape('line', { 'class': 'fw-grid', 'x1': LEFT, 'x2': width - RIGHT, 'y1': y(count), 'y2': y(count) }),
				shape('text', { 'class': 'fw-scale', 'x': LEFT - 6, 'y': y(count) + 4, 'text-anchor': 'end' }, [ count ])
			]);
		};

		return shape('svg', {
			'class': 'fw-chart',
			'viewBox': '0 0 %d %d'.format(width, HEIGHT),
			'role': 'img',
			'aria-label': this.describe(samples, seconds)
		}, [
			rule(0), rule(limit / 2), rule(limit),
			shape('text', { 'class': 'fw-scale', 'x': LEFT, 'y': HEIGHT - 5 },
				[ _('%s ago').format(span(seconds)) ]),
			shape('text', { 'class': 'fw-scale', 'x': width - RIGHT, 'y': HEIGHT - 5, 'text-anchor': 'end' },
				[ _('now') ]),
			line('software'), line('hardware')
		]);
	},

	/* The chart in one sentence. */
	describe: function(samples, seconds) {
		const last = samples[samples.length - 1];
		const range = function(key) {
			const counts = samples.map(function(sample) { return sample[key] });

			return [ Math.min.apply(null, counts), Math.max.apply(null, counts) ];
		};
		const software = range('software'), hardware = range('hardware');

		return _('Offloaded connections in the last %s. Software: %d now, between %d and %d. Hardware: %d now, between %d and %d.')
			.format(span(seconds), last.software, software[0], software[1], last.hardware, hardware[0], hardware[1]);
	}
});
