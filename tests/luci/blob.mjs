/*
 * blob and blobmsg, ubus' encoding (libubox blob.h and blobmsg.h), as far as firewall and LuCI need it: written
 * tables hold strings, numbers, booleans and what is made of these.
 *
 * An attribute is a word (bit 31: has a name, bits 24-30: type, below: length with this word), the data, and
 * padding to four bytes, which the length does not count. A name is its length in two bytes, itself and a zero
 * byte, padded as well. All numbers are big-endian.
 */

const ARRAY = 1, TABLE = 2, STRING = 3, INT64 = 4, INT32 = 5, INT16 = 6, BOOL = 7, DOUBLE = 8;

const padding = length => Buffer.alloc(-length & 3);

/* One attribute without a name: what the fields of a ubus message are. */
export function attribute(type, data, named = 0) {
	const head = Buffer.alloc(4);
	head.writeUInt32BE((named << 31 | type << 24 | data.length + 4) >>> 0);
	return Buffer.concat([head, data, padding(data.length)]);
}

export function word(number) {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE(number >>> 0);
	return bytes;
}

export const text = string => Buffer.from(`${string}\0`);

function named(type, name, data) {
	const head = Buffer.alloc(2);
	head.writeUInt16BE(Buffer.byteLength(name));
	const key = Buffer.concat([head, text(name)]);
	return attribute(type, Buffer.concat([key, padding(key.length), data]), 1);
}

function value(name, content) {
	if (typeof content === 'string') return named(STRING, name, text(content));
	if (typeof content === 'boolean') return named(BOOL, name, Buffer.from([Number(content)]));
	if (typeof content === 'number') return named(INT32, name, word(content));
	if (Array.isArray(content)) return named(ARRAY, name, Buffer.concat(content.map(item => value('', item))));
	return named(TABLE, name, table(content));
}

/* The content of a table. */
export const table = object => Buffer.concat(Object.entries(object).map(([name, content]) => value(name, content)));

/* Yields [type, data] of each attribute in the buffer. */
export function* attributes(buffer) {
	for (let at = 0; at + 4 <= buffer.length;) {
		const head = buffer.readUInt32BE(at);
		const length = head & 0xffffff;
		if (length < 4 || at + length > buffer.length) throw new RangeError(`an attribute of ${length} bytes at ${at} of ${buffer.length}`);

		yield [head >>> 24 & 0x7f, buffer.subarray(at + 4, at + length)];
		at += length + 3 & ~3;
	}
}

function* entries(buffer) {
	for (const [type, data] of attributes(buffer)) {
		const length = data.readUInt16BE(0);
		const name = data.toString('utf8', 2, 2 + length);
		yield [name, read(type, data.subarray(length + 3 + 3 & ~3))];
	}
}

function read(type, data) {
	switch (type) {
		case ARRAY: return [...entries(data)].map(([, item]) => item);
		case TABLE: return parse(data);
		case STRING: return data.toString('utf8', 0, data.length - 1);
		case INT64: return Number(data.readBigInt64BE());
		case INT32: return data.readInt32BE();
		case INT16: return data.readInt16BE();
		case BOOL: return data.readInt8() !== 0;
		case DOUBLE: return data.readDoubleBE();
		default: return null;
	}
}

/* The content of a table as an object. */
export const parse = buffer => Object.fromEntries(entries(buffer));
