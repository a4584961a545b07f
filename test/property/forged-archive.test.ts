import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { loadCodec } from '../../src/archive/zstd/load-codec.ts';
import { bytesSource } from '../../src/byte-source.ts';
import { ArchiveError } from '../../src/errors.ts';
import { nodeFileSystem } from '../../src/fs/node-file-system.ts';
import { verify } from '../../src/inspect/verify.ts';
import { QUEUES } from '../../src/queue/queue-name.ts';
import { examineQueueFile } from '../../src/record/examine.ts';
import { fingerprintOf } from '../../src/record/fingerprint.ts';
import { lineageOf } from '../../src/record/lineage.ts';
import { printableAddress } from '../../src/record/printable-address.ts';
import { restore } from '../../src/restore/restore.ts';
import { type Forgery, forge, forgeryOf, type Part } from '../support/archive/forged-archive.ts';
import { sha256 } from '../support/archive/sample-archive.ts';
import { snapshotTree } from '../support/disk/tree.ts';
import { runs } from './runs.ts';

const codec = await loadCodec();
const FIXTURES = join(import.meta.dirname, '../../fixtures/queue-files');

function part(file: string, queueId: string): Part {
  const content = readFileSync(join(FIXTURES, file));
  const examination = examineQueueFile(bytesSource(content), 'hold');
  const { envelope, mutableBytes } = examination;
  return {
    name: `queue/hold/${queueId}`,
    content,
    line: {
      frame: 1,
      state: 'queued',
      kind: 'message',
      queue_name: 'hold',
      queue_id: queueId,
      file_size: content.length,
      sha256: sha256(content),
      mode: 0o700,
      uid: 0,
      mtime: '0',
      fingerprint: fingerprintOf(bytesSource(content), mutableBytes),
      ...lineageOf(examination, bytesSource(content)),
      arrival_time: 1_700_000_000,
      message_size: envelope.messageSize,
      forced_expire: false,
      sender: printableAddress(envelope.sender ?? new Uint8Array(0)),
      recipients: [{ address: 'recipient@example.org' }],
      logs: [],
      pending: false,
    },
  };
}

const PARTS = [part('plain.queue', '0000110001'), part('dsn.queue', '0000210002')];
const INTACT: Forgery = { kind: 'swap', part: 0 };

/** What a restore of these bytes into an empty queue does, and what stands below the directory around it after that. */
async function restored(bytes: Uint8Array): Promise<{ outcome: unknown; files: Map<string, string> }> {
  const around = mkdtempSync(join(tmpdir(), 'postsnap-forged-'));
  try {
    const queueDirectory = join(around, 'queue');
    for (const { name } of QUEUES) {
      mkdirSync(join(queueDirectory, name), { recursive: true, mode: 0o700 });
    }
    const archive = join(around, 'archive');
    writeFileSync(archive, bytes);
    const overrides = { mail_owner: userInfo().username };
    const outcome = await restore({ archive, queueDirectory, overrides, workers: 0 }).catch((error: unknown) => error);
    const files = [...snapshotTree(nodeFileSystem, around)].filter(([, { type }]) => type !== 'directory');
    return { outcome, files: new Map(files.map(([path, { content = '' }]) => [path, content])) };
  } finally {
    rmSync(around, { recursive: true });
  }
}

test('the parts, put together rightly, are restored', async () => {
  const { outcome, files } = await restored(forge(codec, PARTS, INTACT));
  expect(outcome).toMatchObject({ restored: 2, failed: 0, damaged: 0 });
  expect([...files.keys()].filter((path) => path.startsWith('queue/hold/'))).toHaveLength(2);
});

test.each(['entry', 'bytes', 'zeros'] as const)(
  '%s behind what the catalogue lists are damage for verify and for a restore',
  async (what) => {
    const bytes = forge(codec, PARTS, { kind: 'behind', what });
    const { outcome, files } = await restored(bytes);
    expect(outcome).toMatchObject({ name: 'ArchiveError', code: 'damaged' });
    expect((outcome as Error).message).toContain('behind hold/0000210002');
    expect([...files.keys()].filter((path) => path !== 'archive' && !path.startsWith('queue/postsnap/'))).toEqual([]);
    expect([...files.keys()].filter((path) => path.includes('stag'))).toEqual([]);
    const archive = join(mkdtempSync(join(tmpdir(), 'postsnap-forged-')), 'archive');
    onTestFinished(() => rmSync(dirname(archive), { recursive: true }));
    writeFileSync(archive, bytes);
    expect(await verify({ archive, workers: 0 })).toMatchObject({ ok: false, damaged_frames: 1 });
  },
);

test('whatever a forger changes, the archive is refused with the queue untouched, or its messages are what they were', async () => {
  const contents = new Set(PARTS.map(({ content }) => Buffer.from(content).toString('latin1')));
  let refused = 0;
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(forgeryOf(PARTS), async (forgery) => {
      const { outcome, files } = await restored(forge(codec, PARTS, forgery));
      const queued = [...files].filter(([path]) => path !== 'archive' && !path.startsWith('queue/postsnap/'));
      if (outcome instanceof ArchiveError) {
        refused += 1;
        expect(queued).toEqual([]);
        return;
      }
      taken += 1;
      expect(outcome).toMatchObject({ restored: queued.length, dry_run: false });
      for (const [path, content] of queued) {
        expect(path).toMatch(/^queue\/(?:maildrop|incoming|deferred\/.|hold)\/[0-9A-F]{6,}$/);
        expect(contents.has(content)).toBe(true);
      }
    }),
    { numRuns: runs(100) },
  );
  console.log(`forged archives: ${refused} refused, ${taken} restored as they were`);
  expect(refused).toBeGreaterThan(taken);
});
