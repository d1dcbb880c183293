/*
 * A ubusd for one test: programs connect to its socket and publish objects, and `call` invokes their methods. The
 * protocol is that of libubus and ubusd (ubusmsg.h, ubusd_proto.c); what only matters between programs (events,
 * subscriptions to each other) it accepts and forgets.
 */

import { createServer } from 'node:net';
import { attribute, attributes, parse, table, text, word } from './blob.mjs';
import { NOT_FOUND, OK } from './server.mjs';

const HELLO = 0, STATUS = 1, DATA = 2, PING = 3, INVOKE = 5, ADD_OBJECT = 6, NOTIFY = 10;
const CODE = 1, PATH = 2, ID = 3, METHOD = 4, TYPE = 5, BODY = 7, NO_REPLY = 10;

/* ubusd's own object, for events. */
const EVENTS = 1;

function message(kind, sequence, peer, fields) {
	const head = Buffer.alloc(8);
	head.writeUInt8(kind, 1);
	head.writeUInt16BE(sequence, 2);
	head.writeUInt32BE(peer, 4);
	return Buffer.concat([head, attribute(0, Buffer.concat(fields))]);
}

/* Splits what arrives into messages: { kind, sequence, peer, fields }. */
function* messages(state) {
	while (state.rest.length >= 12) {
		const length = 8 + (state.rest.readUInt32BE(8) & 0xffffff);
		if (state.rest.length < length) return;

		const bytes = state.rest.subarray(0, length);
		state.rest = state.rest.subarray(length);
		yield { kind: bytes[1], sequence: bytes.readUInt16BE(2), peer: bytes.readUInt32BE(4), fields: new Map(attributes(bytes.subarray(12))) };
	}
}

export class Bus {
	#objects = new Map();
	#calls = new Map();
	#waiting = [];
	#sockets = new Set();
	#next = 0x1000;
	#sequence = 0;

	constructor(path) {
		this.path = path;
		this.server = createServer(socket => this.#connected(socket));
		this.ready = new Promise(ready => this.server.listen(path, ready));
	}

	/* Resolves when an object of this name is there. */
	async object(name) {
		while (!this.#objects.has(name)) await new Promise(changed => this.#waiting.push(changed));
	}

	/* The bridge's `call`. */
	call = (object, method, params) => new Promise(done => {
		const target = this.#objects.get(object);
		if (!target) return done([NOT_FOUND]);

		this.#sequence = this.#sequence + 1 & 0xffff;
		this.#calls.set(this.#sequence, { done, target });
		target.socket.write(message(INVOKE, this.#sequence, EVENTS, [
			attribute(ID, word(target.id)), attribute(METHOD, text(method)), attribute(BODY, table(params))
		]));
	});

	close() {
		for (const socket of this.#sockets) socket.destroy();
		return new Promise(closed => this.server.close(closed));
	}

	#connected(socket) {
		const state = { rest: Buffer.alloc(0) };
		this.#sockets.add(socket);
		socket.on('error', () => socket.destroy());
		socket.on('close', () => this.#gone(socket));
		socket.on('data', bytes => {
			state.rest = Buffer.concat([state.rest, bytes]);
			for (const one of messages(state)) this.#heard(socket, one);
		});
		socket.write(message(HELLO, 0, this.#next++, []));
	}

	/* Whoever leaves takes its objects along; calls to them end as ubusd ends them. */
	#gone(socket) {
		this.#sockets.delete(socket);
		for (const [name, object] of this.#objects) if (object.socket === socket) this.#objects.delete(name);
		for (const [sequence, { done, target }] of this.#calls)
			if (target.socket === socket) {
				this.#calls.delete(sequence);
				done([NOT_FOUND]);
			}
	}

	#heard(socket, { kind, sequence, peer, fields }) {
		const reply = (type, ...content) => socket.write(message(type, sequence, peer, content));
		const end = code => fields.has(NO_REPLY) || reply(STATUS, attribute(CODE, word(code)), attribute(ID, fields.get(ID) ?? word(0)));

		switch (kind) {
			case STATUS:
			case DATA:
				this.#answered(kind, sequence, fields);
				break;

			case ADD_OBJECT: {
				const id = this.#next++;
				const name = fields.get(PATH)?.toString('utf8').replace(/\0$/, '');
				reply(DATA, attribute(ID, word(id)), attribute(TYPE, word(this.#next++)));
				end(OK);
				if (name) this.#objects.set(name, { id, socket });
				this.#waiting.splice(0).forEach(changed => changed());
				break;
			}

			case INVOKE:
				end(fields.get(ID)?.readUInt32BE() === EVENTS ? OK : NOT_FOUND);
				break;

			case PING:
			case NOTIFY:
				end(OK);
				break;

			/* LOOKUP, SUBSCRIBE and the like: nobody else is here. */
			default:
				end(NOT_FOUND);
		}
	}

	#answered(kind, sequence, fields) {
		const call = this.#calls.get(sequence);
		if (!call) return;

		if (kind === DATA) {
			call.data = parse(fields.get(BODY) ?? Buffer.alloc(0));
			return;
		}

		this.#calls.delete(sequence);
		const code = fields.get(CODE).readUInt32BE();
		call.done(call.data === undefined ? [code] : [code, call.data]);
	}
}
