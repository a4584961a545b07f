/** `list --summary`: the shape of the queue that an archive is a snapshot of. */

import type { OperationControl } from '../operation.ts';
import type { SelectionOptions } from '../plan/criteria.ts';
import type { MessageQueueName } from '../queue/queue-name.ts';
import { type ListOptions, type ListReport, list } from './list.ts';
import { QueueShape, type ShapeRow } from './queue-shape.ts';

export interface ShapeReport extends ListReport {
  readonly total: ShapeRow;
  readonly rows: readonly ShapeRow[];
}

/** Postfix delivers from these, or will once it is told to. */
const LIVE_QUEUES: readonly MessageQueueName[] = ['maildrop', 'incoming', 'active', 'deferred', 'hold'];

/**
 * Counts destinations or senders by age. What left during the snapshot, and the queues that nothing delivers from, are
 * counted only when they are asked for. Ages are those at the beginning of the snapshot.
 *
 * @throws as {@link list} does
 */
export async function shape(
  options: Pick<ListOptions, 'archive' | 'selection' | 'now'> & { readonly senders?: boolean },
  control: OperationControl = {},
): Promise<ShapeReport> {
  let counted = new QueueShape({ senders: false, now: 0 });
  const report = await list(
    {
      ...options,
      selection: withoutTheGone(options.selection ?? {}),
      onSnapshot: ({ started }) => {
        counted = new QueueShape({ senders: options.senders === true, now: Date.parse(started) / 1000 });
      },
      onMessage: (message) => counted.add(message),
    },
    control,
  );
  return { ...report, total: counted.total(), rows: counted.rows() };
}

function withoutTheGone({ only = {}, exclude = {} }: SelectionOptions): SelectionOptions {
  const { ids, queues, states } = only;
  return {
    only: {
      ...only,
      ...(queues === undefined && ids === undefined ? { queues: LIVE_QUEUES } : {}),
      ...(states === undefined && ids === undefined ? { states: ['queued'] } : {}),
    },
    exclude,
  };
}
