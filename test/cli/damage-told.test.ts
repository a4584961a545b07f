/** Damage is told as what it is, with the archive's name first, what it costs, and a command that can be pasted. */

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { encodeEntryHeader, tarPadding } from '../../src/archive/tar-entry.ts';
import { loadCodec } from '../../src/archive/zstd/load-codec.ts';
import { FRAME_MAXIMUM } from '../../src/format/limits.ts';
import { COMMAND, postsnap } from '../support/process/command.ts';
import {
  makeEmptyQueue,
  makeSampleQueue,
  messagesIn,
  queueOptions,
  scratchDirectory,
} from '../support/queue/sample-queue.ts';

vi.setConfig({ testTimeout: 60_000 });

let scratch: string;
let whole: Buffer;
let target: string;
beforeAll(() => {
  scratch = scratchDirectory();
  const path = join(scratch, 'whole.tar.zst');
  postsnap(['backup', '-q', ...queueOptions(makeSampleQueue(join(scratch, 'source'))), path]);
  whole = readFileSync(path);
  target = makeEmptyQueue(join(scratch, 'target'));
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

const FOOTER = 9;

/** Where the parts are, by the archive's own seek table: docs/archive-format.md. */
function parts(): { readonly frames: readonly (readonly [number, number])[]; readonly table: number } {
  const count = whole.readUInt32LE(whole.length - FOOTER);
  const table = whole.length - FOOTER - count * 8 - 8;
  let at = 0;
  const frames = Array.from({ length: count }, (_, frame) => {
    const length = whole.readUInt32LE(table + 8 + frame * 8);
    at += length;
    return [at - length, length] as const;
  });
  return { frames, table };
}

function flipped(at: number): Buffer {
  const bytes = Buffer.from(whole);
  for (const offset of [0, 1, 2]) {
    bytes[at + offset] = (bytes[at + offset] ?? 0) ^ 0x55;
  }
  return bytes;
}

/** As a later version may write it: docs/archive-format.md says that the number of the version stays where it is. */
async function archiveOfVersion(format: number): Promise<Buffer> {
  const codec = await loadCodec();
  const [offset, length] = frame(0);
  const content = Buffer.from(codec.decompress(whole.subarray(offset, offset + length), FRAME_MAXIMUM)).toString();
  const own = JSON.parse(content.slice(content.indexOf('{\n "format"'), content.lastIndexOf('}') + 1));
  const header = Buffer.from(JSON.stringify({ ...own, format }));
  const sha256 = createHash('sha256').update(header).digest('hex');
  const metadata = { mode: 0o600, uid: 0, gid: 0, mtimeNs: 0n, atimeNs: 0n, inode: 0n, size: header.length, sha256 };
  const entry = encodeEntryHeader({ name: 'postsnap.json', snapshotId: own.snapshot_id, metadata });
  const packed = codec.compress(Buffer.concat([entry, header, Buffer.alloc(tarPadding(header.length))]), 3);
  return Buffer.concat([packed, whole.subarray(offset + length)]);
}

const middle = ([at, length]: readonly [number, number]): number => at + Math.floor(length / 2);
const frame = (index: number): readonly [number, number] => parts().frames.at(index) ?? [0, 0];

const HEADER = /its header, which says of which queue it is, is damaged\. That costs no message\./u;
const SEAL =
  /the mark at its end, which says that it is complete, is damaged\. That costs no message; that none is missing/u;
const CATALOGUE = /its catalogue, the list of its messages, is damaged\. The messages themselves may be whole/u;
const INDEX = /the index at its end is damaged\. That costs no message\./u;
const CUT = /its end is missing: it was cut off, or never finished\. What stands before that may be whole\./u;
const MESSAGE = /lost/u;
const MORE = /the first \d+ bytes of it are a whole archive, and \d+ bytes follow that are none of it\./u;

describe.each<[string, () => Buffer, RegExp]>([
  ['the first bytes', () => flipped(0), HEADER],
  ['the header', () => flipped(middle(frame(0))), HEADER],
  ['no header', () => whole.subarray(frame(1)[0]), HEADER],
  ['a cut in the header', () => whole.subarray(0, middle(frame(0))), CUT],
  ['a part with messages', () => flipped(frame(1)[0]), MESSAGE],
  ['a cut in the messages', () => whole.subarray(0, middle(frame(1))), CUT],
  ['the catalogue', () => flipped(middle(frame(-2))), CATALOGUE],
  ['a cut before the catalogue', () => whole.subarray(0, frame(-2)[0]), CUT],
  ['the seal', () => flipped(middle(frame(-1))), SEAL],
  ['a cut before the seal', () => whole.subarray(0, frame(-1)[0]), CUT],
  ['the seek table', () => flipped(parts().table + 10), INDEX],
  ['the last bytes', () => flipped(whole.length - 4), INDEX],
  ['a cut before the seek table', () => whole.subarray(0, parts().table), CUT],
  ['a cut of the last bytes', () => whole.subarray(0, -3), CUT],
  ['a text behind it', () => Buffer.concat([whole, Buffer.from('what somebody appended\n')]), MORE],
  ['another archive behind it', () => Buffer.concat([whole, whole]), MORE],
  ['zeros behind it', () => Buffer.concat([whole, Buffer.alloc(100_000)]), MORE],
])('%s', (title, damaged, told) => {
  const isMessages = told === MESSAGE;
  const path = () => join(scratch, `${title}'s`);
  const run = (...args: string[]) => {
    writeFileSync(path(), damaged());
    return postsnap(args);
  };

  test('verify', () => {
    const { status, stdout, stderr } = run('verify', path());
    expect(status).toBe(65);
    expect(stderr).toMatch(told);
    expect(stdout).toContain(`${path()} is damaged.\n`);
    expect(stdout + stderr).not.toMatch(/frame|zstd|passes|EBADMSG|jsonl?\b/u);
  });

  test('list', () => {
    const { status, stderr } = run('list', path());
    if (isMessages) {
      // It reads none of them.
      expect([status, stderr]).toEqual([0, '']);
      return;
    }
    expect(status).toBe(65);
    expect(stderr).toMatch(told);
    expect(stderr).toContain(`fatal: ${path()}: `);
    expect(stderr).not.toMatch(/frame|zstd|jsonl?\b/u);
  });

  test('a dry run names the file, and a way out that can be pasted', () => {
    const { status, stderr } = run('restore', '-n', ...queueOptions(target), path());
    expect(status).toBe(65);
    expect(stderr).toContain(`fatal: ${path()}: `);
    const command = /: `(postsnap restore --salvage --dry-run .*)`\n$/u.exec(stderr)?.[1];
    const script = `postsnap() { '${process.execPath}' '${COMMAND}' "$@"; }\n${command ?? 'false'}`;
    const pasted = spawnSync('bash', ['-c', script], { encoding: 'utf8', env: { ...process.env, MAIL_CONFIG: '' } });
    // Where nothing is left, it says so.
    const isNothingLeft = title === 'a cut in the header' || title === 'a cut in the messages' || isMessages;
    expect(pasted.stderr).not.toContain('usage');
    expect(isNothingLeft ? [0, 1, 65] : [0, 1], pasted.stderr).toContain(pasted.status);
  });
});

describe('a restore', () => {
  const restore = (bytes: Buffer, ...options: string[]) => {
    const path = join(scratch, 'restored');
    writeFileSync(path, bytes);
    return postsnap(['restore', ...options, ...queueOptions(target), path]);
  };

  test('of a damaged message puts nothing into the queue, and says so', () => {
    const { status, stderr } = restore(flipped(frame(1)[0]));
    expect([status, stderr]).toEqual([65, expect.stringContaining('. Nothing was put into the queue. Use another')]);
    expect(messagesIn(target)).toEqual([]);
  });

  test('with --salvage of an archive with bytes behind it takes all, and is 0', () => {
    const { status, stderr } = restore(Buffer.concat([whole, Buffer.from('more')]), '-n', '--salvage');
    expect([status, stderr]).toEqual([
      0,
      'postsnap: warning: 4 bytes follow the archive that are none of it, and are passed over\n',
    ]);
  });

  test.each([
    ['a cut between two of its parts', () => whole.subarray(0, frame(2)[0])],
    ['a damaged header', () => flipped(middle(frame(0)))],
  ])('with --salvage that finds all, as far as it can tell, is 1, and says why: %s', (_, bytes) => {
    const { status, stdout, stderr } = restore(bytes(), '-n', '--salvage', '-j');
    expect(JSON.parse(stdout)).toMatchObject({ restored: 15, damaged: 0, failed: 0, accounted: false });
    expect(stderr).toContain("nothing is known to be missing, but that can't be proven: the exit status is 1 for that");
    expect(stderr).not.toContain(' 0 bytes');
    expect(status).toBe(1);
  });
});

describe('lost messages', () => {
  test('are told once each, and their logs counted with them', () => {
    const path = join(scratch, 'lost');
    writeFileSync(path, flipped(frame(1)[0]));
    const { stdout, stderr } = postsnap(['verify', path]);
    const report = JSON.parse(postsnap(['verify', '-j', path]).stdout);
    const lost = new Set(report.damaged.map((file: { queue_id: string }) => file.queue_id));
    const lines = stderr.split('\n').filter((line) => line.includes('lost'));
    expect(lines).toHaveLength(lost.size);
    expect(stderr).toMatch(/: lost, with its (?:defer|bounce|trace)/u);
    expect(stdout).toContain(`${lost.size} of its ${report.messages} messages are lost, named above.\n`);
  });
});

describe('what was never an archive', () => {
  const NOT_OURS: readonly (readonly [string, () => string | Buffer, string])[] = [
    ['a text', () => 'Dear all,\nthis is no archive.\n', 'it is a text'],
    ['an empty file', () => '', 'it is empty'],
    ['gzip', () => gzipSync('hello'), 'packed by gzip'],
    ['a tar', () => tar(''), 'it is a tar of another program'],
    ['a tar in gzip', () => tar('z'), 'it is a tar of another program, packed by gzip'],
    ['another zstd', () => execFileSync('zstd', ['-q', '-c'], { input: 'hello' }), 'packed by zstd'],
    ['age', () => Buffer.from('age-encryption.org/v1\n-> X25519 abc\nxyz\n--- mac\n'), 'it is encrypted by age'],
    [
      'noise',
      () => Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 7919 * at) % 251)),
      'it does not begin as one',
    ],
  ];
  function tar(packing: string): Buffer {
    mkdirSync(join(scratch, 'etc'), { recursive: true });
    writeFileSync(join(scratch, 'etc/hosts'), '127.0.0.1 localhost\n');
    return execFileSync('tar', ['-C', scratch, `-c${packing}f`, '-', 'etc']);
  }

  test.each(NOT_OURS)(
    '%s is told in its own words, its name first, with no advice to salvage',
    (title, make, words) => {
      const path = join(scratch, `not ours: ${title}`);
      writeFileSync(path, make());
      for (const args of [['list'], ['verify'], ['info'], ['restore', '-n', ...queueOptions(target)]]) {
        const { status, stderr } = postsnap([...args, path]);
        expect([status, args[0]]).toEqual([65, args[0]]);
        expect(stderr).toContain(`fatal: ${path} is no archive of postsnap: `);
        expect(stderr).toContain(words);
        expect(stderr).not.toContain('salvage');
      }
    },
  );

  test('an archive of a later version is told by its version, with no advice to salvage', async () => {
    const path = join(scratch, 'of a later version');
    writeFileSync(path, await archiveOfVersion(2));
    for (const args of [['list'], ['verify'], ['info'], ['restore', '-n', ...queueOptions(target)]]) {
      const { status, stderr } = postsnap([...args, path]);
      expect([status, stderr]).toEqual([
        65,
        `postsnap: fatal: ${path}: the archive has format version 2, this postsnap knows 1. Use the version of postsnap that wrote it, or a later one.\n`,
      ]);
    }
  });

  test('a directory', () => {
    const { status, stderr } = postsnap(['list', scratch]);
    expect(status).toBe(66);
    expect(stderr).toMatch(new RegExp(`^postsnap: fatal: ${scratch} is a directory`, 'u'));
    expect(stderr).not.toContain('salvage');
  });
});
