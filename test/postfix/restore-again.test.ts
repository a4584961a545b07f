import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { type SmtpSink, startSink } from '../support/postfix/sink.ts';
import { countsOf, fillSmallQueue, SMALL_QUEUE, submitDeferred } from '../support/postfix/small-queue.ts';
import { backUp, restoreInto } from '../support/postfix/snapshot-of.ts';
import { emptied } from '../support/postfix/target.ts';
import { queueTreeOf } from '../support/postfix/tree-of.ts';

const ALL = Object.keys(SMALL_QUEUE);
const SENT = ALL.filter((id) => id !== 'held');

describeWithPostfix('an archive that is restored more than once', () => {
  const directory = mkdtempSync(join(tmpdir(), 'postsnap-again-'));
  const monday = join(directory, 'monday.postsnap');
  const tuesday = join(directory, 'tuesday.postsnap');
  const instances: PostfixInstance[] = [];
  const sinks: SmtpSink[] = [];
  let source: PostfixInstance;

  async function instance(): Promise<PostfixInstance> {
    const postfix = await createInstance();
    instances.push(postfix);
    return postfix;
  }

  /** Starts Postfix with a server that takes all, until only held mail is left. */
  async function deliver(postfix: PostfixInstance): Promise<SmtpSink> {
    const sink = await startSink({ port: postfix.relayPort });
    sinks.push(sink);
    await postfix.start();
    await emptied(postfix);
    await postfix.stop();
    await sink.close();
    return sink;
  }

  beforeAll(async () => {
    source = await createInstance();
    await fillSmallQueue(source);
    await backUp(source, monday);
  });

  afterEach(async () => {
    await Promise.all(sinks.splice(0).map((sink) => sink.close()));
    await Promise.all(instances.splice(0).map((postfix) => postfix.dispose()));
  });

  afterAll(async () => {
    await source.dispose();
    rmSync(directory, { recursive: true });
  });

  it.each(['queues', 'maildrop', 'hold'] as const)('into %s: the second time does nothing', async (into) => {
    const postfix = await instance();
    const first = await restoreInto(postfix, { archive: monday, into });
    const restored = into === 'hold' ? 3 : 5;
    expect(first.report).toMatchObject({ restored, already_present: 0, not_selected: 5 - restored });
    const tree = queueTreeOf(postfix);
    const second = await restoreInto(postfix, { archive: monday, into });
    expect(second.report).toMatchObject({ restored: 0, already_present: restored });
    expect(queueTreeOf(postfix)).toEqual(tree);
    const places = (mappings: typeof first.mappings) =>
      mappings.map(({ queue_id, new_queue_id, new_queue_name }) => [queue_id, new_queue_id, new_queue_name]);
    expect(places(second.mappings)).toEqual(expect.arrayContaining(places(first.mappings)));
  });

  it('once all of it was delivered: not until it is asked for', async () => {
    const postfix = await instance();
    await restoreInto(postfix, { archive: monday });
    expect((await deliver(postfix)).counts()).toEqual(countsOf(SENT, 1));
    const tree = queueTreeOf(postfix);
    const second = await restoreInto(postfix, { archive: monday, into: 'maildrop' });
    expect(second.report).toMatchObject({ restored: 0, already_present: 1, already_restored: 4 });
    expect(queueTreeOf(postfix)).toEqual(tree);
    const third = await restoreInto(postfix, { archive: monday, again: true });
    expect(third.report).toMatchObject({ restored: 4, already_present: 1, already_restored: 0 });
    expect((await deliver(postfix)).counts()).toEqual(countsOf(SENT, 1));
  });

  it('while some of it is on its way through pickup: only what is nowhere', async () => {
    const postfix = await instance();
    await restoreInto(postfix, { archive: monday, into: 'maildrop' });
    await postfix.start();
    const isTaken = (): boolean =>
      postfix.queueFiles().every(({ queueName }) => ['deferred', 'defer', 'hold'].includes(queueName));
    await postfix.waitFor(isTaken, 'pickup');
    await postfix.stop();
    const tree = queueTreeOf(postfix);
    const second = await restoreInto(postfix, { archive: monday, into: 'maildrop', again: true });
    // What pickup(8) took is a new file: it is known by its arrival and addresses if it was in maildrop at the source.
    const known = second.mappings.filter(({ action }) => action === 'already_present');
    expect(known.map(({ queue_name }) => queue_name).sort()).toEqual(['hold', 'maildrop', 'maildrop']);
    expect(second.report).toMatchObject({ restored: 2, already_present: 3 });
    const third = await restoreInto(postfix, { archive: monday, into: 'maildrop' });
    expect(third.report).toMatchObject({ restored: 0, already_present: 5 });
    expect(queueTreeOf(postfix).size).toBeGreaterThan(tree.size);
  });

  it('into the queue that it is of: nothing, also when pickup has taken what was in maildrop', async () => {
    const before = queueTreeOf(source);
    const atOnce = await restoreInto(source, { archive: monday });
    expect(atOnce.report).toMatchObject({ restored: 0, already_present: 5 });
    expect(queueTreeOf(source)).toEqual(before);

    await source.start();
    const isTaken = (): boolean => source.queueFiles().every(({ queueName }) => queueName !== 'maildrop');
    await source.waitFor(isTaken, 'pickup');
    await source.waitFor(
      () => source.queueFiles().every(({ queueName }) => ['deferred', 'defer', 'hold'].includes(queueName)),
      'the attempts',
    );
    await source.stop();
    const after = queueTreeOf(source);
    const later = await restoreInto(source, { archive: monday });
    expect(later.report).toMatchObject({ restored: 0, already_present: 5 });
    const taken = later.mappings.filter(({ queue_name }) => queue_name === 'maildrop');
    expect(taken.map(({ new_queue_name }) => new_queue_name)).toEqual(['deferred', 'deferred']);
    expect(queueTreeOf(source)).toEqual(after);
  });

  it("Monday's after Tuesday's: nothing that both hold", async () => {
    await source.start();
    await submitDeferred(source, ['of-tuesday']);
    await source.stop();
    await backUp(source, tuesday);
    const postfix = await instance();
    await restoreInto(postfix, { archive: tuesday });
    expect((await deliver(postfix)).counts()).toEqual(countsOf([...SENT, 'of-tuesday'], 1));
    const second = await restoreInto(postfix, { archive: monday });
    // What was in maildrop on Monday is in new files on Tuesday: it is known by its arrival and addresses.
    expect(second.report).toMatchObject({ restored: 0, already_present: 1, already_restored: 4 });
    expect((await deliver(postfix)).counts()).toEqual(new Map());
  });
});
