/** Mail that went on under another ID in the target, by the mail log: where it stands there. */

import { join } from 'node:path';
import type { MessageLine } from '../format/catalogue-line.ts';
import { DescriptorSource } from '../fs/descriptor-source.ts';
import type { Place } from '../queue/place.ts';
import { parseQueueId } from '../queue/queue-id.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';
import { examineQueueFile } from '../record/examine.ts';
import { openIfThere } from '../spool/read-file.ts';
import { discoverDepths, pathsOf, type Spool } from '../spool/spool.ts';
import type { Surroundings } from './surroundings.ts';

const LIVE_QUEUES: readonly MessageQueueName[] = ['maildrop', 'incoming', 'active', 'deferred', 'hold'];

/** What is looked in. */
export interface Requeueing extends Pick<Surroundings, 'fs'> {
  readonly configuration: Pick<Surroundings['configuration'], 'queueDirectory' | 'layout'>;
}

/** Looks for a file of another ID that is the message by its arrival: a requeue keeps that to the microsecond. */
export function requeuedIn({
  fs,
  configuration,
}: Requeueing): (message: MessageLine, queueId: string) => Place | undefined {
  const { queueDirectory, layout } = configuration;
  const spool: Spool = { fs, queueDirectory, depths: discoverDepths(fs, queueDirectory, layout) };
  return (message, text) => {
    const id = parseQueueId(text);
    if (id === undefined || text === message.queue_id) {
      return undefined;
    }
    const queueName = LIVE_QUEUES.find((name) =>
      pathsOf(spool, name, id).some((path) => isOfArrival(spool, { path, name }, message)),
    );
    return queueName === undefined ? undefined : { queueName, queueId: text };
  };
}

function isOfArrival(
  { fs, queueDirectory }: Spool,
  { path, name }: { readonly path: string; readonly name: MessageQueueName },
  { arrival_time, arrival_microseconds }: MessageLine,
): boolean {
  const fd = openIfThere(fs, join(queueDirectory, path));
  if (fd === undefined) {
    return false;
  }
  try {
    const { envelope } = examineQueueFile(new DescriptorSource(fs, fd, fs.fstat(fd).size), name);
    const { seconds, microseconds } = envelope.arrival ?? { seconds: undefined, microseconds: 0 };
    return seconds === arrival_time && microseconds !== 0 && microseconds === arrival_microseconds;
  } finally {
    fs.close(fd);
  }
}
