/** A look over a queue that keeps no facts of plain files finds what one finds that keeps all. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileSystem } from '../../src/fs/file-system.ts';
import { type QueueLayout, queueFilePath } from '../../src/queue/layout.ts';
import { formatLongQueueId, formatShortQueueId, type QueueId } from '../../src/queue/queue-id.ts';
import type { LogQueueName, MessageQueueName } from '../../src/queue/queue-name.ts';
import { type Diagnosis, diagnose } from '../../src/repair/diagnose.ts';
import type { SeenFile } from '../../src/repair/facts.ts';
import { REPAIR_PARTS, type RepairPart } from '../../src/repair/finding.ts';
import { lookOver } from '../../src/repair/look.ts';
import { countOf } from '../../src/repair/mend-queue.ts';
import { seededRandom } from '../support/disk/random.ts';
import { SimulatedFileSystem } from '../support/disk/simulated-file-system.ts';
import { makeDirectories, putFile } from '../support/disk/tree.ts';
import { queueFile } from '../support/queue/queue-file-builder.ts';
import { BREAKAGES, plantBrokenQueue } from '../support/repair/broken-queue.ts';
import { runs } from './runs.ts';

const SPOOL = '/spool';
const OWNER = { uid: 100, gid: 100 };
const OWNERS = { ...OWNER, setgidGroup: 101 };
const NOW_NS = 1_700_000_000_000_000_000n;

interface Ground {
  readonly layout: QueueLayout;
  readonly enableLongQueueIds: boolean;
  readonly parts: ReadonlySet<RepairPart>;
}

/** What is found, in one form whatever the order. */
function formOf({ findings, rights, names, logs, orphans }: Diagnosis) {
  const told = (file: SeenFile): string => `${file.path} ${file.status.inode} ${file.content?.kind}`;
  return {
    findings: findings.map((one) => JSON.stringify(one)).sort(),
    rights: rights.map(({ file, uid, mode }) => `${told(file)} ${uid} ${mode}`).sort(),
    names: names.map((order) => `${told(order.file)} ${order.queueName} ${order.logs.map(told).sort().join()}`).sort(),
    newNames: names.map(({ queueId }) => queueId).sort(),
    logs: logs.map(({ file, queueId }) => `${told(file)} ${queueId}`).sort(),
    orphans: orphans.map(({ path }) => path).sort(),
  };
}

function found(fs: FileSystem, { parts, ...naming }: Ground, isShort: boolean) {
  const facts = lookOver({
    fs,
    queueDirectory: SPOOL,
    parts,
    limits: {},
    ...(isShort ? { plain: { ...naming, owners: OWNERS } } : {}),
  });
  const diagnosis = diagnose(facts, { ...naming, owners: OWNERS, parts, removesOrphans: true });
  return { plain: facts.plain.count, kept: facts.files.length, checked: countOf(facts), found: formOf(diagnosis) };
}

const ground = fc.record({
  layout: fc.record({
    hashQueueNames: fc.constantFrom(new Set(['deferred', 'defer']), new Set<string>(), new Set(['hold', 'trace'])),
    hashQueueDepth: fc.constantFrom(1, 1, 2),
  }),
  enableLongQueueIds: fc.boolean(),
  parts: fc.oneof(
    fc.constant(new Set(REPAIR_PARTS)),
    fc.subarray([...REPAIR_PARTS], { minLength: 1 }).map((some) => new Set(some)),
  ),
});

/** Most messages are sound, as in most queues. */
const breakages = fc
  .subarray([...BREAKAGES], { minLength: 1, maxLength: 4 })
  .map((some) => [...some, 'none' as const, 'none' as const, 'none' as const]);

describe('a look that keeps no facts of plain files', () => {
  it('finds, and would do, what one does that keeps them', () => {
    let plainFiles = 0;
    fc.assert(
      fc.property(fc.nat(), breakages, ground, (seed, chosen, rules) => {
        const disk = new SimulatedFileSystem();
        plantBrokenQueue({
          fs: disk,
          queueDirectory: SPOOL,
          random: seededRandom(seed),
          owner: OWNER,
          messages: 14,
          nowNs: NOW_NS,
          breakages: chosen,
        });
        const [whole, short] = [found(disk, rules, false), found(disk, rules, true)];
        expect(short.found).toEqual(whole.found);
        expect({ checked: short.checked, plain: whole.plain }).toEqual({ checked: whole.checked, plain: 0 });
        plainFiles += short.plain;
      }),
      { numRuns: runs(400) },
    );
    expect(plainFiles).toBeGreaterThan(0);
  });
});

describe('of a sound queue', () => {
  const rules: Ground = {
    layout: { hashQueueNames: new Set(['deferred', 'defer']), hashQueueDepth: 2 },
    enableLongQueueIds: true,
    parts: new Set(REPAIR_PARTS),
  };

  function put(
    disk: SimulatedFileSystem,
    queueName: MessageQueueName | LogQueueName,
    idOf: (inode: bigint) => QueueId,
  ) {
    const isLog = queueName === 'defer' || queueName === 'bounce' || queueName === 'trace';
    const content = isLog
      ? 'a log\n'
      : queueFile({
          envelope: [
            ['T', '1700000000 1'],
            ['S', ''],
            ['R', 'b@example.com'],
          ],
        });
    makeDirectories(disk, SPOOL, 0o755);
    const inode = putFile(disk, `${SPOOL}/new`, { content, mode: isLog ? 0o600 : 0o700, ...OWNER });
    const id = idOf(inode);
    const path = `${SPOOL}/${queueFilePath(rules.layout, queueName, id)}`;
    makeDirectories(disk, path.slice(0, path.lastIndexOf('/')), 0o700);
    disk.rename(`${SPOOL}/new`, path);
    return id;
  }
  const short = (inode: bigint): QueueId => formatShortQueueId({ microseconds: 0xabcde, inode });
  const long = (inode: bigint): QueueId => formatLongQueueId({ seconds: 1_700_000_000, microseconds: 5, inode });

  it('keeps no facts at all, be the IDs short or long', () => {
    const disk = new SimulatedFileSystem();
    for (const form of [short, long]) {
      const id = put(disk, 'deferred', form);
      put(disk, 'defer', () => id);
      put(disk, 'trace', () => id);
    }
    expect(found(disk, rules, true)).toMatchObject({ plain: 6, kept: 0, found: { names: [], rights: [], logs: [] } });
  });

  it('keeps both of two files on two file systems that have one inode number and one ID', () => {
    const disk = new SimulatedFileSystem();
    const id = put(disk, 'deferred', short);
    put(disk, 'hold', () => id);
    const lstat: FileSystem['lstat'] = (path) => {
      const status = disk.lstat(path);
      return status?.type === 'file' ? { ...status, inode: id.inode } : status;
    };
    const twins: FileSystem = new Proxy(disk, {
      get: (target, name) => (name === 'lstat' ? lstat : Reflect.get(target, name).bind(target)),
    });
    const kept = found(twins, rules, true);
    expect(kept).toMatchObject({ plain: 0, kept: 2 });
    const { names, newNames } = found(twins, rules, false).found;
    expect(kept.found).toMatchObject({ names, newNames });
    expect(JSON.stringify(kept.found.findings)).toContain('two-queues');
  });
});
