/** What is wrong with the logs of a queue directory: pure. */

import { isLogQueueName } from '../queue/queue-name.ts';
import type { QueueOwners } from '../queue/rights.ts';
import type { SeenFile } from './facts.ts';
import type { NewNames } from './new-names.ts';
import type { LogOrder, RightsOrder } from './orders.ts';

export interface LogFindings {
  readonly orders: readonly LogOrder[];
  /** Logs of which no message has the ID, or several have it and none by right. */
  readonly orphans: readonly SeenFile[];
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
}

/** `postsuper -s` leaves `trace/ID#FIX` behind for ever, and changed hash directories leave logs where nobody looks. */
export function logsOf(files: readonly SeenFile[], { names, moved, owners }: LogGround): LogFindings {
  const found = {
    orders: [] as LogOrder[],
    orphans: [] as SeenFile[],
    conflicts: [] as SeenFile[],
    rights: [] as RightsOrder[],
    strays: [] as SeenFile[],
  };
  const logs = files.filter(({ queueName }) => isLogQueueName(queueName));
  const byPath = new Map(logs.map((file) => [file.path, file]));
  for (const file of logs) {
    const { id, status, path } = file;
    if (id === undefined || status.type !== 'file') {
      found.strays.push(file);
      continue;
    }
    if (status.links === 1 && (status.uid !== owners.uid || status.mode !== 0o600)) {
      found.rights.push({ file, uid: owners.uid, mode: 0o600 });
    }
    const wanted = names.pathOf(file) ?? path;
    if (names.ownerOf(id.text) === undefined) {
      found.orphans.push(file);
    } else if (wanted !== path && !moved.has(file)) {
      const there = byPath.get(wanted);
      byPath.set(wanted, there ?? file);
      // Cut off between its two calls, a repair leaves the log both names.
      if (there === undefined || there.status.inode === status.inode) {
        found.orders.push({ file, queueId: id.text });
      } else {
        found.conflicts.push(file);
      }
    }
  }
  return found;
}
