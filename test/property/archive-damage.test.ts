import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openArchive } from '../../src/archive/archive-reader.ts';
import { ArchiveSource } from '../../src/archive/archive-source.ts';
import type { FileWithContent } from '../../src/archive/frame-packer.ts';
import { filesOf } from '../../src/archive/message-copy.ts';
import { salvageArchive } from '../../src/archive/salvage/salvage.ts';
import { salvageToArchive } from '../../src/archive/salvage/salvaged-archive.ts';
import type { Codec } from '../../src/archive/zstd/codec.ts';
import { availableCodecs, loadCodec } from '../../src/archive/zstd/load-codec.ts';
import { bytesSource } from '../../src/byte-source.ts';
import { ArchiveError } from '../../src/errors.ts';
import { nodeFileSystem } from '../../src/fs/node-file-system.ts';
import { verify } from '../../src/inspect/verify.ts';
import { isMessageQueueName } from '../../src/queue/queue-name.ts';
import { examineQueueFile } from '../../src/record/examine.ts';
import { fingerprintOf } from '../../src/record/fingerprint.ts';
import { lineageOf } from '../../src/record/lineage.ts';
import {
  HEADER,
  logFile,
  messageFile,
  noise,
  readAll,
  temporaryDirectory,
  writeArchive,
} from '../support/archive/sample-archive.ts';
import { runs } from './runs.ts';

const native = await loadCodec();
const codecs = await Promise.all(availableCodecs().map((name) => loadCodec(name)));

const GROUPS = [
  ...Array.from({ length: 12 }, (_, number) => [
    messageFile('deferred', { number, content: noise(number * 300, number) }),
    logFile('defer', { number, content: Buffer.from(`<recipient-${number}@example.org>: deferred\n`) }),
  ]),
  [messageFile('hold', { number: 90, content: noise(4_500_000, 90) })],
  [messageFile('maildrop', { number: 91, content: new Uint8Array(0), metadata: { mode: 0o744 } })],
];

type Everything = ReturnType<typeof readAll>;

/** All that a reader gets out of these bytes; undefined where it refuses them. */
function read(codec: Codec, path: string): { files: Everything; rest: unknown } | undefined {
  const fd = openSync(path, 'r');
  try {
    const reader = openArchive({ source: new ArchiveSource(nodeFileSystem, fd), codec });
    const { catalogue: _catalogue, ...seal } = reader.seal;
    return { files: readAll(reader), rest: [reader.header, seal, [...reader.catalogue()]] };
  } catch (error) {
    expect(error).toBeInstanceOf(ArchiveError);
    return undefined;
  } finally {
    closeSync(fd);
  }
}

function salvage(codec: Codec, path: string): Everything {
  const fd = openSync(path, 'r');
  try {
    return [...salvageArchive({ source: new ArchiveSource(nodeFileSystem, fd), codec }).files()].map((file) => ({
      name: file.name.kind === 'file' ? `${file.name.queueName}/${file.name.id.text}` : file.name.kind,
      metadata: file.metadata,
      content: Buffer.concat([...file.pieces()]).toString('latin1'),
    }));
  } finally {
    closeSync(fd);
  }
}

type Damage =
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'overwrite'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'remove'; readonly at: number; readonly count: number };

function damageOf(size: number): fc.Arbitrary<Damage> {
  // The ends of an archive hold its structure, the middle little but content.
  const at = fc.oneof(
    fc.nat(size - 1),
    fc.nat(600),
    fc.nat(3000).map((back) => size - 1 - back),
  );
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 });
  return fc.oneof(
    fc.record({ kind: fc.constant('cut' as const), at }),
    fc.record({ kind: fc.constant('flip' as const), at, bit: fc.nat(7) }),
    fc.record({ kind: fc.constant('overwrite' as const), at, bytes }),
    fc.record({ kind: fc.constant('insert' as const), at, bytes }),
    fc.record({ kind: fc.constant('remove' as const), at, count: fc.integer({ min: 1, max: 5000 }) }),
  );
}

function apply(original: Uint8Array, damage: Damage): Uint8Array {
  const bytes = Buffer.from(original);
  const { at } = damage;
  switch (damage.kind) {
    case 'cut':
      return bytes.subarray(0, at);
    case 'flip':
      bytes[at] = (bytes[at] ?? 0) ^ (1 << damage.bit);
      return bytes;
    case 'overwrite':
      bytes.set(damage.bytes.subarray(0, bytes.length - at), at);
      return bytes;
    case 'insert':
      return Buffer.concat([bytes.subarray(0, at), damage.bytes, bytes.subarray(at)]);
    case 'remove':
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + damage.count)]);
  }
}

describe.each(codecs.map((codec) => ({ name: codec.name, codec })))('$name', ({ codec }) => {
  test('whatever befalls an archive, nothing but what was archived comes out of it', () => {
    const { bytes, path } = writeArchive({ codec, groups: GROUPS });
    const intact = read(codec, path);
    expect(intact?.files).toHaveLength(GROUPS.flat().length);
    expect(salvage(codec, path)).toEqual(intact?.files);
    const known = new Map(intact?.files.map((file) => [file.name, file]));
    const damagedPath = join(temporaryDirectory(), 'damaged');
    fc.assert(
      fc.property(damageOf(bytes.length), (damage) => {
        writeFileSync(damagedPath, apply(bytes, damage));
        const result = read(codec, damagedPath);
        expect(result === undefined ? intact : result).toEqual(intact);
        for (const file of salvage(codec, damagedPath)) {
          expect(file).toEqual(known.get(file.name));
        }
      }),
      { numRuns: runs(80) },
    );
    expect(intact?.rest).toMatchObject([HEADER, { logs: 12 }, {}]);
  });

  test('no bytes make a reader or a salvage throw anything but an ArchiveError', () => {
    const path = join(temporaryDirectory(), 'random');
    const frame = fc.uint8Array({ maxLength: 3000 }).map((content) => codec.compress(content, 3));
    const anything = fc.array(fc.oneof(frame, fc.uint8Array({ maxLength: 200 })), { maxLength: 5 });
    fc.assert(
      fc.property(anything, (parts) => {
        writeFileSync(path, Buffer.concat(parts));
        expect(read(codec, path)).toBeUndefined();
        expect(salvage(codec, path)).toEqual([]);
      }),
      { numRuns: runs(100) },
    );
  });
});

describe('one judgement', () => {
  /** What `verify` names, and what a salvage has lost of the same bytes; undefined where the catalogue is lost. */
  async function judgements(bytes: Uint8Array): Promise<{ named: string[]; lost: string[] } | undefined> {
    const directory = temporaryDirectory();
    const path = join(directory, 'damaged');
    writeFileSync(path, bytes);
    const report = await verify({ archive: path, workers: 0 });
    if (!report.sealed || report.errors.length > 0) {
      return undefined;
    }
    const files = { archive: emptyFile(directory, 'archive'), catalogue: emptyFile(directory, 'catalogue') };
    const fd = openSync(path, 'r');
    try {
      const source = new ArchiveSource(nodeFileSystem, fd);
      const randomName = (): string => 'unknown';
      const { lost, withoutLogs } = salvageToArchive({ fs: nodeFileSystem, source, codec: native, files, randomName });
      const named = report.damaged.filter(({ queue_name }) => isMessageQueueName(queue_name)).map(nameOf);
      const ofLogs = report.damaged.filter(({ queue_name }) => !isMessageQueueName(queue_name));
      const isLost = new Set(lost.map(({ queue_id }) => queue_id));
      const logsOnly = new Set(ofLogs.map(({ queue_id }) => queue_id).filter((id) => !isLost.has(id)));
      return {
        named: [...named, ...[...logsOnly].map((id) => `log of ${id}`)].sort(),
        lost: [...lost.map(nameOf), ...withoutLogs.map(({ queue_id }) => `log of ${queue_id}`)].sort(),
      };
    } finally {
      for (const open of [fd, files.archive, files.catalogue]) {
        closeSync(open);
      }
    }
  }

  test('verify names exactly what a salvage leaves out: each message, and none that was not hit', {
    timeout: 300_000,
  }, async () => {
    const { bytes } = writeArchive({ codec: native, groups: GROUPS.map((group) => group.map(truthful)) });
    const place = fc.oneof(fc.nat(bytes.length - 1), fc.nat(12_000));
    const zeros = fc.record({ at: place, count: fc.integer({ min: 1, max: 3000 }) });
    let judged = 0;
    let hit = 0;
    const judge = async (damaged: Uint8Array): Promise<void> => {
      const judgement = await judgements(damaged);
      judged += judgement === undefined ? 0 : 1;
      hit += judgement !== undefined && judgement.lost.length > 0 ? 1 : 0;
      expect(judgement?.named).toEqual(judgement?.lost);
    };
    await fc.assert(
      fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        await judge(bytes.map((byte, index) => (index === at ? byte ^ mask : byte)));
      }),
      { numRuns: runs(20) },
    );
    await fc.assert(
      fc.asyncProperty(zeros, async ({ at, count }) => {
        await judge(bytes.map((byte, index) => (index >= at && index < at + count ? 0 : byte)));
      }),
      { numRuns: runs(10) },
    );
    await fc.assert(
      fc.asyncProperty(zeros, fc.boolean(), async ({ at, count }, isDoubled) => {
        const range = isDoubled ? bytes.subarray(at, at + count) : Buffer.of();
        const before = bytes.subarray(0, isDoubled ? at + count : at);
        await judge(Buffer.concat([before, range, bytes.subarray(at + count)]));
      }),
      { numRuns: runs(10) },
    );
    console.log(`damaged archives with a catalogue: ${judged}, of which ${hit} have lost mail`);
    expect(hit).toBeGreaterThan(3);
  });
});

/** The sample's lines say anything of the content; `verify` wants what is true. */
function truthful(file: FileWithContent): FileWithContent {
  const { draft, content, metadata, name } = file;
  if (draft.kind === 'log' || !(content instanceof Uint8Array)) {
    return file;
  }
  const source = bytesSource(content);
  const { queue_name: queueName } = draft;
  const examination = examineQueueFile(source, queueName);
  const [made = file] = filesOf({
    examination,
    fingerprint: fingerprintOf(source, examination.mutableBytes),
    lineage: lineageOf(examination, source),
    queueName,
    id: name.id,
    depth: name.depth,
    metadata,
    content,
    logs: [],
  });
  return {
    ...made,
    draft: { ...made.draft, logs: queueName === 'deferred' ? ['defer'] : [] } as FileWithContent['draft'],
  };
}

function emptyFile(directory: string, name: string): number {
  return openSync(join(directory, name), 'wx+');
}

function nameOf({ queue_name, queue_id }: { readonly queue_name: string; readonly queue_id: string }): string {
  return `${queue_name}/${queue_id}`;
}
