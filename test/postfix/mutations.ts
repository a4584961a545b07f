import { decodeRecordHeader, encodeRecord } from '../../src/record/record.ts';
import { seededRandom } from '../support/disk/random.ts';
import type { Trial } from './trials.ts';

interface LinearRecord {
  readonly index: number;
  readonly type: string;
  readonly start: number;
  readonly payloadStart: number;
  readonly end: number;
}

/** The records as they stand one after the other, pointers not followed. */
function linearRecords(bytes: Uint8Array): LinearRecord[] {
  const records: LinearRecord[] = [];
  for (let start = 0; start < bytes.length; ) {
    const header = decodeRecordHeader(bytes, start);
    if (typeof header === 'string') {
      throw new Error(`a sound file was expected; offset ${start}: ${header}`);
    }
    const payloadStart = start + header.headerLength;
    const end = payloadStart + header.payloadLength;
    records.push({ index: records.length, type: String.fromCharCode(header.type), start, payloadStart, end });
    start = end;
  }
  return records;
}

/** The bytes with a part of them replaced. */
function splice(
  bytes: Uint8Array,
  part: { readonly start: number; readonly end: number },
  replacement: Uint8Array = new Uint8Array(),
): Buffer {
  return Buffer.concat([bytes.subarray(0, part.start), replacement, bytes.subarray(part.end)]);
}

/** The bytes with one of them replaced, by one or more. */
function replaceAt(bytes: Uint8Array, start: number, ...replacement: readonly number[]): Buffer {
  return splice(bytes, { start, end: start + 1 }, Uint8Array.from(replacement));
}

type Mutation = (bytes: Uint8Array, record: LinearRecord) => Uint8Array;

function put(letter: string, payload: string): Mutation {
  return (bytes, { start }) =>
    splice(bytes, { start, end: start }, encodeRecord(letter.charCodeAt(0), Buffer.from(payload, 'latin1')));
}

function retype(type: number): Mutation {
  return (bytes, { start }) => replaceAt(bytes, start, type);
}

/** What may befall any record. */
const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'cut before': (bytes, { start }) => bytes.subarray(0, start),
  'cut behind its type': (bytes, { start }) => bytes.subarray(0, start + 1),
  'cut within': (bytes, { payloadStart, end }) => bytes.subarray(0, Math.floor((payloadStart + end) / 2)),
  without: (bytes, record) => splice(bytes, record),
  twice: (bytes, { start, end }) => splice(bytes, { start, end: start }, bytes.subarray(start, end)),
  emptied: (bytes, record) => splice(bytes, record, Uint8Array.of(bytes[record.start] ?? 0, 0)),
  'with type 0': retype(0),
  'with an unknown type': retype(0x51),
  'as padding': retype(0x77),
  'as a line': retype(0x4e),
  'as an end': retype(0x45),
  'as an attribute': retype(0x41),
  'as a sender': retype(0x53),
  'as a recipient': retype(0x52),
  'with bit 7 in its type': (bytes, { start }) => replaceAt(bytes, start, (bytes[start] ?? 0) | 0x80),
  'one byte longer than it is': (bytes, { payloadStart: at }) =>
    replaceAt(bytes, at - 1, ((bytes[at - 1] ?? 0) + 1) & 0x7f),
  'with five length bytes': (bytes, { start }) => replaceAt(bytes, start + 1, 0x81, 0x80, 0x80, 0x80, 0),
  zeroed: (bytes, record) => splice(bytes, record, new Uint8Array(record.end - record.start)),
  'behind a pointer to nowhere': put('p', '              0'),
  'behind a pointer to the start': put('p', '              1'),
  'behind a pointer beyond the end': put('p', '       99999999'),
  'behind a pointer without an offset': put('p', 'nowhere'),
  'behind a long line': put('N', 'x'.repeat(3000)),
  'behind a line': put('N', 'x'),
  'behind a named attribute': put('A', 'some_name=value'),
  'behind an attribute without a name': put('A', 'value'),
  'behind a recipient': put('R', 'eve@example.org'),
  'behind a recipient that is done': put('D', 'eve@example.org'),
  'behind a sender': put('S', 'eve@example.org'),
  'behind a sender that is empty': put('S', ''),
  'behind a time': put('T', '1600000000 1'),
  'behind a time of 0': put('T', '0'),
  'behind an end': put('E', ''),
  'behind a message start': put('M', ''),
  'behind a message end': put('X', ''),
  'behind VERP delimiters': put('V', '+='),
  'behind a killed record': put('K', 'x=y'),
  'behind a canceled recipient': put('/', 'eve@example.org'),
  'behind a filter': put('L', 'smtp:'),
  'behind a return receipt': put('r', 'eve@example.org'),
  'behind an envelope ID': put('i', 'id'),
  'behind a DSN notification of 0': put('n', '0'),
  'behind a DSN notification of 99': put('n', '99'),
  'behind a DSN notification that is no number': put('n', 'x'),
  'behind a DSN return of 9': put('<', '9'),
  'behind an original recipient': put('o', 'rfc822;eve@example.org'),
  'behind flags': put('f', '0'),
  'behind a redirection': put('>', 'bob@example.org'),
  'behind a warning time': put('W', '1600000000'),
  'behind a size': put('C', '  1  1  1  1  1'),
  'behind a full name': put('F', 'Eve'),
};

/** Every mutation of the first and the last record of each type: those between are like them. */
export function mutationsOf(name: string, bytes: Uint8Array): Trial[] {
  const records = linearRecords(bytes);
  const chosen = records.filter(
    (record) =>
      record === records.find(({ type }) => type === record.type) ||
      record === records.findLast(({ type }) => type === record.type),
  );
  return chosen.flatMap((record) =>
    Object.entries(MUTATIONS).map(([how, mutate]) => ({
      name: `${name}: record ${record.index} (${record.type}) ${how}`,
      bytes: Uint8Array.from(mutate(bytes, record)),
    })),
  );
}

/** A byte set to any value, at places and values that follow from the seed; each trial has one or two such bytes. */
export function flipsOf(trial: Trial, { count, seed }: { readonly count: number; readonly seed: number }): Trial[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const bytes = Buffer.from(trial.bytes);
    const changes = Array.from({ length: 1 + (index % 2) }, () => {
      const at = Math.floor(random() * bytes.length);
      bytes[at] = Math.floor(random() * 256);
      return `${at} = ${bytes[at]}`;
    });
    return { name: `${trial.name}: ${changes.join(', ')}`, bytes };
  });
}
