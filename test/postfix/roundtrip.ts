/** What must hold of a queue into which an archive was restored, as Postfix itself sees it. */

import { expect } from 'vitest';
import { parseLayout, queueFilePath } from '../../src/queue/layout.ts';
import { parseQueueId } from '../../src/queue/queue-id.ts';
import type { PostfixInstance, QueueListing } from '../support/postfix/instance.ts';
import { asShownBy, shownBy } from '../support/postfix/listing.ts';
import type { QueueFile } from '../support/postfix/queue-files.ts';
import type { ArchivedListing, Restored } from '../support/postfix/snapshot-of.ts';
import { newFiles, treeOf } from '../support/postfix/tree-of.ts';

const NOBODY = 65_534;

export interface SourceFiles {
  readonly files: readonly QueueFile[];
  /** `postcat -hb` of each message, by queue and ID. */
  readonly messages: ReadonlyMap<string, string>;
}

export async function readSource(postfix: PostfixInstance): Promise<SourceFiles> {
  const messages = new Map<string, string>();
  for (const { path, queueName, name } of postfix.queueFiles()) {
    if (!LOGS.has(queueName)) {
      messages.set(`${queueName}/${name}`, (await postfix.postcat(path, '-hb')).toString('latin1'));
    }
  }
  return { files: postfix.queueFiles(), messages };
}

const LOGS: ReadonlySet<string> = new Set(['defer', 'bounce', 'trace']);

export interface Comparison {
  readonly source: SourceFiles;
  readonly target: PostfixInstance;
  readonly before: readonly QueueFile[];
  readonly restored: Restored;
}

/** The mail that was there before: paths, inodes, bytes, modes, owners, times. */
export function expectUntouched({ target, before }: Comparison): void {
  expect(target.queueFiles().filter(({ path }) => before.some((file) => file.path === path))).toEqual(before);
}

/** Names true to inodes and free of others, the target's directories, owners, modes and times; logs with their messages. */
export function expectWellPlaced({ source, target, before, restored }: Comparison): void {
  const ids = new Map(before.map(({ name }) => [name, 'before']));
  const expected = new Set<string>();
  for (const mapping of restored.mappings.filter(({ action }) => action === 'restored')) {
    const { queue_name: oldQueue, queue_id: oldId, new_queue_name: queue, new_queue_id: id } = mapping;
    expect(ids.get(id ?? ''), `${id} is free`).toBeUndefined();
    ids.set(id ?? '', oldId);
    const old = source.files.find(({ queueName, name }) => queueName === oldQueue && name === oldId);
    const files = target.filesOf(id ?? '');
    const file = files.find(({ queueName }) => queueName === queue);
    expect(mapping).toEqual({ ...mapping, ...placeOf(file) });
    expect(file).toMatchObject(expectedFile({ old, file, target }));
    if (queue !== 'maildrop') {
      // To 1 µs, as Node's futimes keeps it.
      expect(Number((file?.mtimeNs ?? 0n) / 1000n)).toBe(Number((old?.mtimeNs ?? 0n) / 1000n));
    }
    const logs = (candidates: readonly QueueFile[]) =>
      candidates
        .filter(({ queueName }) => LOGS.has(queueName))
        .map(({ queueName, sha256, mode }) => ({ queueName, sha256, mode }));
    const oldLogs = logs(source.files.filter(({ name }) => name === oldId));
    expect(logs(files), `logs of ${oldQueue}/${oldId}`).toEqual(queue === 'maildrop' ? [] : oldLogs);
    for (const { path } of files) {
      expected.add(path);
    }
  }
  expect(newFiles(target, before).map(({ path }) => path)).toEqual([...expected].sort());
}

function placeOf(file: QueueFile | undefined): {
  new_queue_name: string | undefined;
  new_queue_id: string | undefined;
} {
  return { new_queue_name: file?.queueName, new_queue_id: file?.name };
}

function expectedFile({
  old,
  file,
  target,
}: {
  readonly old: QueueFile | undefined;
  readonly file: QueueFile | undefined;
  readonly target: PostfixInstance;
}): Partial<QueueFile> {
  const id = parseQueueId(file?.name ?? '');
  const parameters = target.parameters;
  const hashed = parameters.get('hash_queue_names') ?? 'deferred, defer';
  const layout = parseLayout(hashed, Number(parameters.get('hash_queue_depth') ?? 1));
  if (old === undefined || file === undefined || id === undefined) {
    throw new Error('a message of the source and of the target');
  }
  const oldId = parseQueueId(old.name);
  const isLong = oldId?.form === 'long' && parameters.get('enable_long_queue_ids') === 'yes';
  expect(id.form).toBe(isLong ? 'long' : 'short');
  expect(id.inode).toBe(file.inode);
  expect(id.microseconds).toBe(oldId?.microseconds);
  const isGenuine = old.mode === 0o744;
  const isRequeued = file.queueName === 'maildrop' && !isGenuine;
  const queueName = file.queueName === 'maildrop' ? 'maildrop' : file.queueName === 'hold' ? 'hold' : 'incoming';
  return {
    path: queueFilePath(layout, file.queueName === 'deferred' ? 'deferred' : queueName, id),
    sha256: old.sha256,
    mode: isGenuine ? 0o744 : isRequeued ? 0o700 : old.mode,
    uid: isGenuine ? NOBODY : target.queueOwner(),
    links: 1,
  };
}

/** postsuper finds nothing to rename or move, postfix nothing to complain of, postcat reads every message. */
export async function expectAgreement(comparison: Comparison, complaints: string): Promise<void> {
  const { target, source, restored } = comparison;
  const tree = treeOf(target);
  const log = target.log();
  expect(await target.postsuper('-s')).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(treeOf(target)).toEqual(tree);
  expect(complaintsOf(await target.check())).toBe(complaints);
  expect(complaintsIn(target.log().slice(log.length))).toBe(complaints);
  for (const { queue_name, queue_id, new_queue_id, action } of restored.mappings) {
    if (action === 'restored') {
      const message = await target.postcat(new_queue_id ?? '', '-hb');
      expect(message.toString('latin1')).toBe(source.messages.get(`${queue_name}/${queue_id}`));
    }
  }
}

/** What `postfix check` says, with paths and process IDs that every instance has of its own. */
export function complaintsOf({ stderr }: { readonly stderr: string }): string {
  return complaintsIn(stderr);
}

function complaintsIn(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.includes('warning') || line.includes('fatal') || line.includes('error'))
    .map((line) => line.replace(/^.*?(warning|fatal|error)/, '$1'))
    .join('\n');
}

/** The queue as postqueue shows it is the archive as `list` shows it, but for the places. */
export async function expectListed(
  comparison: Omit<Comparison, 'source'>,
  archived: readonly ArchivedListing[],
): Promise<void> {
  const { target, before, restored } = comparison;
  const own = new Set(before.map(({ name }) => name));
  const expected = restored.mappings
    .filter(({ action }) => action === 'restored')
    .flatMap(({ queue_name, queue_id, new_queue_name, new_queue_id }) =>
      archived
        .filter((listing) => listing.queue_name === queue_name && listing.queue_id === queue_id)
        .map((listing) =>
          placedAt(target, listing, { queue_name: new_queue_name ?? '', queue_id: new_queue_id ?? '' }),
        ),
    );
  const shown = (await shownBy(target)).filter(({ queue_id }) => !own.has(queue_id));
  expect(withoutReasons(shown)).toEqual(withoutReasons(asShownBy(expected)));
}

/** In maildrop Postfix takes no size record for true: from 3.11 on showq(8) shows the size of the file. */
function placedAt<Listing extends QueueListing>(
  target: PostfixInstance,
  listing: Listing,
  place: Pick<QueueListing, 'queue_name' | 'queue_id'>,
): Listing {
  const file = place.queue_name === 'maildrop' ? target.filesOf(place.queue_id).at(0) : undefined;
  return { ...listing, ...place, message_size: file?.size ?? listing.message_size };
}

/** `postsuper -r` leaves the logs of a message behind, which have no meaning any more and are not restored: only addresses count. */
function withoutReasons<Listing extends QueueListing>(listings: readonly Listing[]): Listing[] {
  return listings.map((listing) => {
    const addresses = listing.recipients.map(({ address }) => ({ address }));
    const recipients = addresses.toSorted((one, other) => (one.address < other.address ? -1 : 1));
    return listing.queue_name === 'maildrop' ? { ...listing, recipients } : listing;
  });
}
