/**
 * Archives that are put together from parts with something wrong in them, and with every digest right: what a forger
 * makes, as against what a broken disk does.
 */

import fc from 'fast-check';
import { encodeEntryHeader, TAR_END, tarPadding } from '../../../src/archive/tar-entry.ts';
import type { Codec } from '../../../src/archive/zstd/codec.ts';
import { encodeHeader } from '../../../src/format/header.ts';
import { createIdFilter } from '../../../src/format/id-filter.ts';
import { encodeSeal, type Seal } from '../../../src/format/seal.ts';
import { encodeSeekTable } from '../../../src/format/seek-table.ts';
import { HEADER, OUTCOME, SNAPSHOT_ID, sha256 } from './sample-archive.ts';

/** A message as an archive holds it: its entry's name, its bytes, and its line of the catalogue. */
export interface Part {
  readonly name: string;
  readonly content: Uint8Array;
  readonly line: Readonly<Record<string, unknown>>;
}

/** One thing that is wrong. */
export type Forgery =
  | { readonly kind: 'line'; readonly part: number; readonly member: string; readonly value: unknown }
  | { readonly kind: 'seal'; readonly member: string; readonly value: unknown }
  | { readonly kind: 'header'; readonly member: string; readonly value: unknown }
  | { readonly kind: 'name'; readonly part: number; readonly name: string }
  | { readonly kind: 'content'; readonly part: number; readonly content: Uint8Array }
  | { readonly kind: 'header byte'; readonly part: number; readonly at: number; readonly value: number }
  | { readonly kind: 'repeat' | 'drop' | 'swap'; readonly part: number }
  /** Behind what the catalogue lists, in the same frame. */
  | { readonly kind: 'behind'; readonly what: 'entry' | 'bytes' | 'zeros' }
  | { readonly kind: 'frame size'; readonly frame: number; readonly size: number };

const NAMES = [
  '../../../../etc/passwd',
  '/etc/passwd',
  'queue/hold/../incoming/0000110001',
  'queue/hold/0000110001',
  'queue/defer/0000110001',
  'queue/hold/.',
  'postsnap.json',
  'seal.json',
  'catalogue/000000.jsonl',
];

const VALUES = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    '../../../x',
    '/etc/passwd',
    -1,
    2 ** 53,
    1e300,
    '',
    null,
    'maildrop',
    'corrupt',
    [],
    {},
    0o4777,
  ),
  fc.constantFrom<unknown>(...NAMES, 'A'.repeat(300), 'a'.repeat(64), '0'.repeat(64), Number.MAX_SAFE_INTEGER),
);

/** Any forgery of an archive of so many parts with these members in its catalogue. */
export function forgeryOf(parts: readonly Part[]): fc.Arbitrary<Forgery> {
  const part = fc.nat({ max: parts.length - 1 });
  const member = fc.constantFrom(...new Set(parts.flatMap(({ line }) => Object.keys(line))));
  const sealMember = fc.constantFrom(
    'messages',
    'left',
    'logs',
    'bytes',
    'frames',
    'catalogue',
    'snapshot_id',
    'format',
  );
  const headerMember = fc.constantFrom('format', 'snapshot_id', 'started', 'parameters', 'queue_directory');
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('line' as const), part, member, value: VALUES }) },
    fc.record({ kind: fc.constant('seal' as const), member: sealMember, value: VALUES }),
    fc.record({ kind: fc.constant('header' as const), member: headerMember, value: VALUES }),
    fc.record({ kind: fc.constant('name' as const), part, name: fc.constantFrom(...NAMES) }),
    fc.record({ kind: fc.constant('content' as const), part, content: fc.uint8Array({ maxLength: 400 }) }),
    fc.record({
      kind: fc.constant('header byte' as const),
      part,
      at: fc.nat({ max: 1535 }),
      value: fc.nat({ max: 255 }),
    }),
    fc.record({ kind: fc.constantFrom('repeat' as const, 'drop' as const, 'swap' as const), part }),
    fc.record({ kind: fc.constant('behind' as const), what: fc.constantFrom('entry' as const, 'bytes' as const) }),
    fc.record({ kind: fc.constant('frame size' as const), frame: fc.nat({ max: 3 }), size: fc.nat() }),
  );
}

/** Puts the archive together. */
export function forge(codec: Codec, parts: readonly Part[], forgery: Forgery): Buffer {
  const changed = parts.flatMap((part, index) => change(part, index, forgery));
  const ordered = forgery.kind === 'swap' ? changed.toReversed() : changed;
  const header = withMember(encodeHeader(HEADER), forgery, 'header');
  const frames = [
    entry('postsnap.json', header),
    Buffer.concat([...ordered.map(({ bytes }) => bytes), behind(forgery)]),
  ];
  const text = Buffer.from(ordered.map(({ line }) => `${JSON.stringify(line)}\n`).join(''));
  frames.push(entry('catalogue/000000.jsonl', text));
  frames.push(Buffer.concat([entry('seal.json', withMember(sealOf(ordered, header, text), forgery, 'seal')), TAR_END]));
  return joinFrames(codec, frames, forgery);
}

function behind(forgery: Forgery): Uint8Array {
  if (forgery.kind !== 'behind') {
    return new Uint8Array(0);
  }
  if (forgery.what === 'zeros') {
    return new Uint8Array(512);
  }
  return forgery.what === 'entry' ? entry('queue/hold/0000990099', Buffer.from('not listed')) : Buffer.alloc(512, 7);
}

interface ForgedPart {
  readonly bytes: Uint8Array;
  readonly line: Readonly<Record<string, unknown>>;
}

function change(part: Part, index: number, forgery: Forgery): ForgedPart[] {
  const own = { bytes: entry(part.name, part.content), line: part.line };
  if (!('part' in forgery) || forgery.part !== index) {
    return [own];
  }
  switch (forgery.kind) {
    case 'line':
      return [{ ...own, line: { ...part.line, [forgery.member]: forgery.value } }];
    case 'name':
      return [{ ...own, bytes: entry(forgery.name, part.content) }];
    case 'content':
      // The forger's digests fit the forger's bytes; only the fingerprint is left to tell.
      return [
        {
          bytes: entry(part.name, forgery.content),
          line: { ...part.line, sha256: sha256(forgery.content), file_size: forgery.content.length },
        },
      ];
    case 'header byte': {
      const bytes = Buffer.from(own.bytes);
      bytes[forgery.at] = forgery.value;
      return [{ ...own, bytes }];
    }
    case 'repeat':
      return [own, own];
    case 'drop':
      return [{ ...own, bytes: new Uint8Array(0) }];
    case 'swap':
      return [own];
  }
}

function entry(name: string, content: Uint8Array): Buffer {
  const metadata = { mode: 0o700, uid: 0, gid: 0, mtimeNs: 0n, atimeNs: 0n, inode: 0n };
  const described = { ...metadata, sha256: sha256(content), size: content.length };
  const header = encodeEntryHeader({ name, snapshotId: SNAPSHOT_ID, metadata: described });
  return Buffer.concat([header, content, new Uint8Array(tarPadding(content.length))]);
}

function sealOf(parts: readonly ForgedPart[], header: Uint8Array, text: Uint8Array): Uint8Array {
  const idFilter = createIdFilter(parts.map(({ line }) => String(line['queue_id'])));
  const seal: Seal = {
    format: 1,
    snapshot_id: SNAPSHOT_ID,
    ...OUTCOME,
    messages: parts.length,
    left: 0,
    logs: 0,
    malformed: 0,
    bytes: parts.reduce((sum, { line }) => sum + Number(line['file_size']), 0),
    by_queue: { hold: { messages: parts.length, bytes: 0 } },
    header_sha256: sha256(header),
    frames: 2,
    catalogue: [{ frame: 2, size: text.length, lines: parts.length, sha256: sha256(text), idFilter }],
  };
  const bytes = parts.reduce((sum, { line }) => sum + Number(line['file_size']), 0);
  return encodeSeal({ ...seal, by_queue: { hold: { messages: parts.length, bytes } } });
}

function withMember(json: Uint8Array, forgery: Forgery, kind: 'seal' | 'header'): Uint8Array {
  if (forgery.kind !== kind) {
    return json;
  }
  const object: unknown = JSON.parse(Buffer.from(json).toString());
  return Buffer.from(JSON.stringify({ ...(object as object), [forgery.member]: forgery.value }));
}

function joinFrames(codec: Codec, contents: readonly Uint8Array[], forgery: Forgery): Buffer {
  const compressed = contents.map((content) => codec.compress(content, 3));
  const sizes = compressed.map((bytes, index) => ({
    compressedSize: bytes.length,
    size: forgery.kind === 'frame size' && forgery.frame === index ? forgery.size : (contents[index]?.length ?? 0),
  }));
  return Buffer.concat([...compressed, encodeSeekTable(sizes, sizes.length)]);
}
