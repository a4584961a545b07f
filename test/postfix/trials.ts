/** Puts queue files of any content before the real pickup(8) and qmgr(8), to see which they take. */

import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { plant } from '../support/postfix/planting.ts';
import { startSink } from '../support/postfix/sink.ts';

/** A queue file whose taking is to be tried. */
export interface Trial {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What Postfix did with it. */
export interface Judgement {
  /** Whether it went the way of all mail, to its end; else it was deleted, put into corrupt, or got stuck. */
  readonly isTaken: boolean;
  /** How many recipients it was delivered to. */
  readonly sent: number;
}

const PARAMETERS = {
  // Otherwise cleanup(8) waits a second before each message that qmgr(8) is not yet ready for.
  in_flow_delay: '0',
  // A delivery agent that dies of a file takes the transport from all mail for a while.
  service_throttle_time: '1s',
  transport_retry_time: '1s',
  queue_run_delay: '1s',
  minimal_backoff_time: '1s',
  maximal_backoff_time: '1s',
};

/** Plants the files while nothing runs, starts Postfix with a server that takes all, and waits until it is done. */
async function tryAll(
  trials: readonly Trial[],
  queueName: 'maildrop' | 'incoming',
  newIdOf: (log: string) => (id: string) => string | undefined,
): Promise<Map<string, Judgement>> {
  const postfix = await createInstance({ parameters: PARAMETERS });
  const sink = await startSink({ port: postfix.relayPort });
  try {
    const ids = new Map(trials.map(({ name, bytes }) => [name, plant(postfix, { queueName, bytes })]));
    await postfix.start();
    await atRest(postfix);
    const log = postfix.log();
    const newId = newIdOf(log);
    const [removed, sent] = [removedIds(log), sentIds(log)];
    return new Map(
      [...ids].map(([name, id]) => {
        const followed = newId(id) ?? '';
        return [name, { isTaken: removed.has(followed), sent: sent.get(followed) ?? 0 }];
      }),
    );
  } finally {
    await postfix.dispose();
    await sink.close();
  }
}

/** Until all is delivered or in corrupt; or until nothing has changed for long, and it is stuck. */
async function atRest(postfix: PostfixInstance): Promise<void> {
  let last = '';
  let since = Date.now();
  await postfix.waitFor(
    async () => {
      await removeDeadly(postfix);
      const files = postfix.queueFiles();
      const state = files.map(({ path }) => path).join();
      since = state === last ? since : Date.now();
      last = state;
      const isBusy = files.some(({ queueName }) => ['maildrop', 'incoming', 'active', 'deferred'].includes(queueName));
      return Date.now() - since > (isBusy ? 10_000 : 1_000);
    },
    'a queue at rest',
    // Postfix 3.5 starts a process for every notice that can't be made, which takes long on a busy machine.
    { timeoutMs: 400_000 },
  );
}

/** qmgr(8) dies of some files, and dies of them again when master(8) has started it again. */
async function removeDeadly(postfix: PostfixInstance): Promise<void> {
  for (const [, id = ''] of postfix.log().matchAll(/ postfix\/qmgr.* fatal: .* file active\/(\w+)$/gm)) {
    for (const { path } of postfix.filesOf(id)) {
      unlinkSync(join(postfix.queueDirectory, path));
      await postfix.flush();
    }
  }
}

function removedIds(log: string): ReadonlySet<string> {
  return new Set([...log.matchAll(/: (\w+): removed$/gm)].map(([, id]) => id ?? ''));
}

function sentIds(log: string): ReadonlyMap<string, number> {
  const sent = new Map<string, number>();
  for (const [, id = ''] of log.matchAll(/: (\w+): to=<.*, status=sent /gm)) {
    sent.set(id, (sent.get(id) ?? 0) + 1);
  }
  return sent;
}

/** As requeued mail: of mail_owner, 0700. pickup(8) tells the new ID of such mail. */
export function judgedByPickup(trials: readonly Trial[]): Promise<Map<string, Judgement>> {
  return tryAll(trials, 'maildrop', (log) => {
    const lines = log.matchAll(/: (\w+): uid=\d+ from=<.*> orig_id=(\w+)$/gm);
    const newIds = new Map([...lines].map(([, newId, oldId]) => [oldId, newId]));
    return (id) => newIds.get(id);
  });
}

export function judgedByQueueManager(trials: readonly Trial[]): Promise<Map<string, Judgement>> {
  return tryAll(trials, 'incoming', () => (id) => id);
}
