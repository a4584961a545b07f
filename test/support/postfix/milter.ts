import { createServer, type Server, type Socket } from 'node:net';

/** What a milter may do to a message at its end; header indexes count from 1, and from 0 for an insertion. */
export type MilterEdit =
  | { readonly kind: 'add-header'; readonly name: string; readonly value: string }
  | {
      readonly kind: 'insert-header' | 'change-header';
      readonly index: number;
      readonly name: string;
      readonly value: string;
    }
  | { readonly kind: 'replace-body'; readonly body: string }
  | {
      readonly kind: 'add-recipient' | 'delete-recipient' | 'change-sender';
      readonly address: string;
    };

// The protocol's numbers are those of libmilter's mfdef.h, as in milter8.c.
const PROTOCOL_VERSION = 6;
const ALL_ACTIONS = 0xff;
/** Skip connect, helo, mail, rcpt, body, headers, end of headers, unknown, data: only the end of message is left. */
const SKIP_EVENTS = 0x37f;
/** Postfix takes no more than this in one packet. */
const BODY_CHUNK = 65_535;

function packet(command: string, ...parts: readonly Uint8Array[]): Buffer {
  const payload = Buffer.concat([Buffer.from(command, 'latin1'), ...parts]);
  return Buffer.concat([uint32(payload.length), payload]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`, 'utf8');
}

function bodyPackets(body: string): Buffer[] {
  const bytes = Buffer.from(body.replace(/\r?\n/g, '\r\n'), 'utf8');
  const packets: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += BODY_CHUNK) {
    packets.push(packet('b', bytes.subarray(start, start + BODY_CHUNK)));
  }
  return packets;
}

function editPackets(edit: MilterEdit): Buffer[] {
  switch (edit.kind) {
    case 'add-header':
      return [packet('h', text(edit.name), text(edit.value))];
    case 'insert-header':
      return [packet('i', uint32(edit.index), text(edit.name), text(edit.value))];
    case 'change-header':
      return [packet('m', uint32(edit.index), text(edit.name), text(edit.value))];
    case 'replace-body':
      return bodyPackets(edit.body);
    case 'add-recipient':
      return [packet('+', text(`<${edit.address}>`))];
    case 'delete-recipient':
      return [packet('-', text(`<${edit.address}>`))];
    case 'change-sender':
      return [packet('e', text(`<${edit.address}>`))];
  }
}

/** A milter that makes the same edits to every message. */
export class Milter {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  edits: readonly MilterEdit[] = [];

  constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => socket.destroy());
      let rest: Buffer = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        rest = Buffer.concat([rest, chunk]);
        while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
          const end = 4 + rest.readUInt32BE(0);
          this.#answer(socket, rest.subarray(4, end));
          rest = rest.subarray(end);
        }
      });
    });
  }

  #answer(socket: Socket, request: Buffer): void {
    switch (request.toString('latin1', 0, 1)) {
      case 'O': {
        const offered = request.readUInt32BE(9);
        const events = uint32(SKIP_EVENTS & offered);
        socket.write(packet('O', uint32(PROTOCOL_VERSION), uint32(ALL_ACTIONS), events));
        return;
      }
      case 'E':
        socket.write(Buffer.concat([...this.edits.flatMap(editPackets), packet('a')]));
        return;
      case 'Q':
        socket.end();
        return;
      default:
      // Macros and aborts have no answer, and all other events were declined.
    }
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => resolve());
    });
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

/** Starts a milter on a port of 127.0.0.1; the caller closes it. */
export async function startMilter(port: number): Promise<Milter> {
  const milter = new Milter();
  await milter.listen(port);
  return milter;
}
