/** What is wrong with the logs of a queue directory: pure. */

import type { QueueId } from '../queue/queue-id.ts';
import { isLogQueueName } from '../queue/queue-name.ts';
import type { QueueOwners } from '../queue/rights.ts';
import type { SeenFile } from './facts.ts';
import type { NewNames } from './new-names.ts';
import type { LogOrder, RightsOrder } from './orders.ts';

export interface LogFindings {
  readonly orders: readonly LogOrder[];
  /** Logs of which no message has the ID. */
  readonly orphans: readonly SeenFile[];
  /** Logs of which several messages have the ID and none by right, or whose message may be where nobody could look. */
  readonly unclaimed: readonly SeenFile[];
  /** A log of this kind stands in its place already. */
  readonly conflicts: readonly SeenFile[];
  readonly rights: readonly RightsOrder[];
  /** What is no log at all. */
  readonly strays: readonly SeenFile[];
}

interface LogGround {
  readonly names: NewNames;
  /** The logs that go with a message. */
  readonly moved: ReadonlySet<SeenFile>;
  readonly owners: QueueOwners;
  readonly isPartial: boolean;
}

/** `postsuper -s` leaves `trace/ID#FIX` behind for ever, and changed hash directories leave logs where nobody looks. */
export function logsOf(files: readonly SeenFile[], { names, moved, owners, isPartial }: LogGround): LogFindings {
  const logs = files.filter(({ queueName }) => isLogQueueName(queueName));
  const [sound, strays] = [logs.filter(isLog), logs.filter((file) => !isLog(file))];
  const found = {
    orders: [] as LogOrder[],
    orphans: [] as SeenFile[],
    unclaimed: [] as SeenFile[],
    conflicts: [] as SeenFile[],
    rights: sound.filter((file) => isMisowned(file, owners)).map((file) => ({ file, uid: owners.uid, mode: 0o600 })),
    strays,
  };
  const byPath = new Map(logs.map((file) => [file.path, file]));
  const twins = twinsOf(sound, names);
  for (const file of sound) {
    const twin = names.hasMessage(file.id.text) ? undefined : twins.get(twinKey(file));
    if (twin !== undefined) {
      found.orders.push({ file, queueId: twin });
    } else if (names.ownerOf(file.id.text) === undefined) {
      found[isPartial || names.hasMessage(file.id.text) ? 'unclaimed' : 'orphans'].push(file);
    } else if (!moved.has(file)) {
      const state = stateOf(file, names.pathOf(file) ?? file.path, byPath);
      if (state === 'free') {
        found.orders.push({ file, queueId: file.id.text });
      } else if (state === 'taken') {
        found.conflicts.push(file);
      }
    }
  }
  return found;
}

/**
 * The queue IDs of logs with two names that stand where Postfix looks for them. `postsuper -s` renames a log onto its own second
 * name while a repair that was cut off waits, and rename(2) then leaves both.
 * (repair-happenings.test.ts, "postfix start")
 */
function twinsOf(logs: readonly (SeenFile & { readonly id: QueueId })[], names: NewNames): Map<string, string> {
  const standing = logs.filter(
    (file) => file.status.links > 1 && names.ownerOf(file.id.text) !== undefined && names.pathOf(file) === file.path,
  );
  return new Map(standing.map((file) => [twinKey(file), file.id.text]));
}

function twinKey({ queueName, status }: SeenFile): string {
  return status.links > 1 ? `${queueName} ${status.inode}` : '';
}

function isLog(file: SeenFile): file is SeenFile & { readonly id: QueueId } {
  return file.id !== undefined && file.status.type === 'file';
}

function isMisowned({ status }: SeenFile, { uid }: QueueOwners): boolean {
  return status.links === 1 && (status.uid !== uid || status.mode !== 0o600);
}

/** What stands where Postfix looks for a log. */
function stateOf(file: SeenFile, wanted: string, byPath: Map<string, SeenFile>): 'its own' | 'free' | 'taken' {
  if (wanted === file.path) {
    return 'its own';
  }
  const there = byPath.get(wanted);
  byPath.set(wanted, there ?? file);
  // Cut off between its two calls, a repair leaves the log both names.
  return there === undefined || there.status.inode === file.status.inode ? 'free' : 'taken';
}
