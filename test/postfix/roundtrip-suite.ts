import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { asShownBy, shownBy } from '../support/postfix/listing.ts';
import { type ArchivedListing, backUp, listed, restoreInto } from '../support/postfix/snapshot-of.ts';
import {
  createTarget,
  deliverAll,
  disposeTarget,
  emptied,
  expectDelivered,
  type Target,
} from '../support/postfix/target.ts';
import { fillEstate, withEstateMilter } from './estate.ts';
import type { EstateState } from './estate-messages.ts';
import {
  type Comparison,
  complaintsOf,
  expectAgreement,
  expectListed,
  expectUntouched,
  expectWellPlaced,
  readSource,
  type SourceFiles,
} from './roundtrip.ts';

export interface Direction {
  readonly sourceLong: boolean;
  readonly sourceDepth: number;
}

export interface Way {
  readonly into: 'queues' | 'maildrop' | 'hold';
  readonly long: boolean;
  readonly depth: number;
  /** Whether Postfix is started after that, to see who gets what. */
  readonly delivers: boolean;
}

/** Postfix takes no depth of 0, and no empty list: queues that are not hashed are not named. */
function parametersFor(long: boolean, depth: number): Record<string, string> {
  return {
    enable_long_queue_ids: long ? 'yes' : 'no',
    ...(depth === 0 ? { hash_queue_names: 'none' } : { hash_queue_depth: String(depth) }),
  };
}

/** Defines the tests of all ways out of one source. */
export function testWays({ sourceLong, sourceDepth }: Direction, ways: readonly Way[]): void {
  let source: SourceFiles;
  let archived: readonly ArchivedListing[];
  const directory = mkdtempSync(join(tmpdir(), 'postsnap-roundtrip-'));
  const archive = join(directory, 'queue.postsnap');

  beforeAll(async () => {
    await withEstateMilter(parametersFor(sourceLong, sourceDepth), async (postfix, milter) => {
      try {
        await fillEstate(postfix, milter);
        source = await readSource(postfix);
        await backUp(postfix, archive);
        expect(postfix.queueFiles()).toEqual(source.files);
        archived = await listed(archive);
        expect(await shownBy(postfix)).toEqual(asShownBy(archived));
      } finally {
        await postfix.dispose();
      }
    });
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  for (const { into, long, depth, delivers } of ways) {
    it(`into ${into}, ${long ? 'long' : 'short'} queue IDs, hash depth ${depth}`, async () => {
      const target = await createTarget(parametersFor(long, depth));
      try {
        const { postfix } = target;
        const complaints = complaintsOf(await postfix.check());
        const before = postfix.queueFiles();
        const restored = await restoreInto(postfix, { archive, into });
        expect(restored.report).toMatchObject({ into, dry_run: false, left: 0, damaged: 0, failed: 0 });
        expect(restored.report.not_selected).toBe(into === 'hold' ? 3 : 0);
        const comparison = { source, target: postfix, before, restored };
        expectUntouched(comparison);
        expectWellPlaced(comparison);
        await expectAgreement(comparison, complaints);
        expectUntouched(comparison);
        await expectQueues(comparison, into, archived);
        if (delivers) {
          await expectDelivery(target, into);
        }
      } finally {
        await disposeTarget(target);
      }
    });
  }
}

const QUEUES_BY_WAY: Readonly<Record<Way['into'], (from: string) => string>> = {
  queues: (from) => (from === 'active' ? 'incoming' : from),
  maildrop: (from) => (from === 'hold' ? 'hold' : 'maildrop'),
  hold: () => 'hold',
};

async function expectQueues(
  comparison: Comparison,
  into: Way['into'],
  archived: readonly ArchivedListing[],
): Promise<void> {
  const pending = new Set(
    comparison.source.files
      .filter(({ queueName }) => queueName === 'bounce' || queueName === 'trace')
      .map(({ name }) => name),
  );
  expect(pending.size).toBe(2);
  for (const { queue_name, queue_id, new_queue_name, action } of comparison.restored.mappings) {
    if (action === 'restored') {
      const isByQueues = into === 'maildrop' && pending.has(queue_id);
      expect(new_queue_name).toBe(QUEUES_BY_WAY[isByQueues ? 'queues' : into](queue_name));
    }
  }
  if (into !== 'maildrop') {
    await expectListed(comparison, archived);
  }
}

async function expectDelivery({ postfix }: Target, into: Way['into']): Promise<void> {
  const isHeld = (state: EstateState | 'submitted'): boolean => (into === 'hold' ? true : state === 'held');
  const expires = into === 'queues';
  await deliverAll(postfix, async (sink) => {
    expectDelivered(sink, { delivers: (state) => !isHeld(state), expires });
    if (into === 'hold') {
      const own = (await postfix.postqueue()).find(({ sender }) => sender === 'own-held@example.com');
      await postfix.postsuper('-H', 'ALL');
      await postfix.postsuper('-h', own?.queue_id ?? '');
      await emptied(postfix);
      expectDelivered(sink, { delivers: (state) => state !== 'submitted' && state !== 'requeued', expires: true });
    }
  });
}
