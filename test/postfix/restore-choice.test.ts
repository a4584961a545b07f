import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { nodeFileSystem } from '../../src/fs/node-file-system.ts';
import { backup } from '../../src/index.ts';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { plant } from '../support/postfix/planting.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { countsOf, fillSmallQueue, NOBODY, submitAsUser, submitDeferred } from '../support/postfix/small-queue.ts';
import { backUp, type Restored, restoreInto } from '../support/postfix/snapshot-of.ts';
import { deliverAll } from '../support/postfix/target.ts';
import { queueTreeOf, treeOf } from '../support/postfix/tree-of.ts';
import { workHere } from '../support/postfix/work-here.ts';

describeWithPostfix('what is chosen of an archive', () => {
  const directory = mkdtempSync(join(tmpdir(), 'postsnap-choice-'));
  const archive = join(directory, 'queue.postsnap');
  const moving = join(directory, 'moving.postsnap');
  let postfix: PostfixInstance;
  let source: PostfixInstance;

  beforeAll(async () => {
    source = await createInstance();
    await fillSmallQueue(source);
    await backUp(source, archive);
    await backUpWhileItMoves(moving);
  });

  afterEach(async () => {
    vi.restoreAllMocks();
    await postfix.dispose();
  });

  afterAll(async () => {
    await source.dispose();
    rmSync(directory, { recursive: true });
  });

  it('the queues that are named', async () => {
    postfix = await createInstance();
    const held = await restoreInto(postfix, { archive, queues: ['hold'] });
    expect(held.report).toMatchObject({ restored: 1, not_selected: 4 });
    expect(queuesOf(postfix)).toEqual(['defer', 'hold']);
    const rest = await restoreInto(postfix, { archive, queues: ['deferred', 'maildrop'] });
    expect(rest.report).toMatchObject({ restored: 4, not_selected: 1 });
  });

  it('held messages into maildrop when they are released', async () => {
    postfix = await createInstance();
    const { report } = await restoreInto(postfix, { archive, into: 'maildrop', releaseHeld: true });
    expect(report).toMatchObject({ restored: 5 });
    await deliverAll(postfix, async (sink) => {
      expect(sink.counts()).toEqual(countsOf(['deferred-a', 'deferred-b', 'held', 'requeued', 'submitted'], 1));
    });
  });

  it.each(['queues', 'maildrop', 'hold'] as const)(
    'nothing in a dry run into %s, told as the real one would',
    async (into) => {
      postfix = await createInstance();
      const before = treeOf(postfix);
      const dry = await restoreInto(postfix, { archive, into, dryRun: true });
      expect(treeOf(postfix)).toEqual(before);
      const real = await restoreInto(postfix, { archive, into });
      expect(queueTreeOf(postfix).size).toBeGreaterThan(before.size);
      const told = ({ mappings }: Restored) => mappings.map((mapping) => ({ ...mapping, new_queue_id: null }));
      expect(told(dry)).toEqual(told(real));
      expect(dry.report).toEqual({ ...real.report, dry_run: true, room: expect.anything() });
      const tree = treeOf(postfix);
      const after = await restoreInto(postfix, { archive, into, dryRun: true });
      expect(after.report).toMatchObject({ restored: 0, already_present: real.report.restored });
      expect(treeOf(postfix)).toEqual(tree);
    },
  );

  it('not what left while the snapshot was taken, unless it is asked for; and nothing under two IDs', async () => {
    postfix = await createInstance();
    const without = await restoreInto(postfix, { archive: moving });
    expect(without.report).toMatchObject({ restored: 2, left: 2 });
    const included = await restoreInto(postfix, { archive: moving, includeLeft: true });
    expect(included.report).toMatchObject({ restored: 1, left: 0, already_present: 3 });
    await postfix.dispose();

    postfix = await createInstance();
    const atOnce = await restoreInto(postfix, { archive: moving, includeLeft: true });
    expect(atOnce.report).toMatchObject({ restored: 3, left: 1 });
    await deliverAll(postfix, async (sink) => {
      expect(sink.counts()).toEqual(countsOf(['stays', 'delivered', 'submitted'], 1));
    });
  });

  it('what is in corrupt when it is named, and nothing that Postfix would choke on', async () => {
    const [file] = source.queueFiles().filter(({ queueName }) => queueName === 'deferred');
    const path = join(source.queueDirectory, file?.path ?? '');
    truncateSync(path, 600);
    const corrupt = plant(source, { queueName: 'corrupt', bytes: readFileSync(path), mode: 0o400 });
    const broken = join(directory, 'broken.postsnap');
    const backedUp = await backup({ archive: broken, configDirectory: source.configDirectory, workers: 0 });
    expect(backedUp).toMatchObject({ malformed: 2 });
    postfix = await createInstance();
    const { report, mappings } = await restoreInto(postfix, { archive: broken });
    expect(report).toMatchObject({ failed: 1, not_selected: 1, damaged: 0 });
    expect(mappings.find(({ action }) => action === 'failed')).toMatchObject({
      queue_name: 'deferred',
      queue_id: file?.name,
      new_queue_id: null,
      reason: {
        code: 'malformed-records',
        faults: [expect.stringMatching(/ends (?:within the record|at offset 600)/u)],
      },
    });
    const named = await restoreInto(postfix, { archive: broken, queues: ['corrupt'] });
    expect(named.report).toMatchObject({ restored: 1 });
    expect(named.mappings.find(({ action }) => action === 'restored')).toMatchObject({ queue_id: corrupt });
    expect(postfix.queueFiles().find(({ queueName }) => queueName === 'corrupt')).toMatchObject({
      mode: 0o400,
      size: 600,
    });
  });
});

function queuesOf(postfix: PostfixInstance): string[] {
  return postfix.queueFiles().map(({ queueName }) => queueName);
}

/**
 * An archive of a queue of three: while the snapshot reads it, one deferred message is delivered, and pickup(8) gives the
 * one in maildrop a new file and a new ID. The new file is made by the real pickup before, and put there at that moment.
 */
async function backUpWhileItMoves(archive: string): Promise<void> {
  const postfix = await createInstance();
  try {
    await postfix.start();
    const [stays = '', delivered = ''] = await submitDeferred(postfix, ['stays', 'delivered']);
    await postfix.stop();
    await submitAsUser(postfix);
    const submitted = onlyOf(postfix, 'maildrop');
    const bytes = readFileSync(submitted);
    await postfix.start();
    const isAtRest = (): boolean => queuesOf(postfix).join() === 'defer,defer,defer,deferred,deferred,deferred';
    await postfix.waitFor(isAtRest, 'pickup, and an attempt');
    await postfix.stop();
    const taken = postfix
      .queueFiles()
      .find(({ queueName, name }) => queueName === 'deferred' && ![stays, delivered].includes(name));
    const successor = join(postfix.queueDirectory, taken?.path ?? '');
    // The mail owner, as whom the backup reads, may rename from there.
    const aside = join(postfix.queueDirectory, 'flush/aside');
    renameSync(successor, aside);
    plant(postfix, { queueName: 'maildrop', bytes, mode: 0o744, uid: NOBODY });
    const maildrop = onlyOf(postfix, 'maildrop');
    const original = { ...nodeFileSystem };
    vi.spyOn(nodeFileSystem, 'open').mockImplementation((path, flags, mode) => {
      const fd = original.open(path, flags, mode);
      if (path === maildrop && existsSync(aside)) {
        renameSync(aside, successor);
      }
      if (path === maildrop || path.endsWith(`/deferred/${delivered.slice(0, 1)}/${delivered}`)) {
        rmSync(path, { force: true });
      }
      return fd;
    });
    workHere(postfix);
    const report = await backup({ archive, configDirectory: postfix.configDirectory, workers: 0 });
    expect(report).toMatchObject({ messages: 2, left: 2 });
  } finally {
    vi.restoreAllMocks();
    await postfix.dispose();
  }
}

function onlyOf(postfix: PostfixInstance, queue: string): string {
  const files = postfix.queueFiles().filter(({ queueName }) => queueName === queue);
  expect(files).toHaveLength(1);
  return join(postfix.queueDirectory, files[0]?.path ?? '');
}
