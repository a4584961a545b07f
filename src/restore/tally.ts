/** The count of what became of each message. */

import type { MessageLine } from '../format/catalogue-line.ts';
import type { JournalEntry } from '../journal/journal.ts';
import type { OmittedMessage, RestoreAction } from '../plan/decision.ts';
import type { Plan } from '../plan/plan.ts';
import type { Reason } from '../plan/reason.ts';
import { RouteSum, type RouteTotals } from '../plan/routes.ts';
import type { Place } from '../queue/place.ts';
import type { MessageMapping, RestoreOutset, RestoreReport } from './options.ts';
import type { RestoreRequest } from './request.ts';
import type { Warnings } from './surroundings.ts';

/** Counts what became of each message, and tells it line by line. */
export class Tally {
  readonly #counts: Record<RestoreAction, number> = {
    restored: 0,
    already_present: 0,
    already_restored: 0,
    delivered_since: 0,
    left: 0,
    not_selected: 0,
    damaged: 0,
    failed: 0,
  };
  readonly #onMapping: ((mapping: MessageMapping) => void) | undefined;
  readonly #findingsOf: Plan['findingsOf'];
  readonly #routes = new RouteSum();

  /** @param findingsOf what should be known of a message, by its fingerprint */
  constructor(onMapping: ((mapping: MessageMapping) => void) | undefined, findingsOf: Plan['findingsOf']) {
    this.#onMapping = onMapping;
    this.#findingsOf = findingsOf;
  }

  /** Nothing was to be done for it. */
  omitted({ message, action, reason, place }: OmittedMessage): void {
    if (action === 'restored' && place !== undefined) {
      this.#routes.add(message, place.queueName);
    }
    this.#count({
      queue_name: message.queue_name,
      queue_id: message.queue_id,
      new_queue_name: place?.queueName ?? null,
      new_queue_id: place?.queueId ?? null,
      action,
      reason,
      findings: this.#findingsOf(message.fingerprint),
    });
  }

  /** Its content is proven, and fit for the queue that it goes to. */
  accepted(message: MessageLine, destination: Place['queueName']): void {
    this.#routes.add(message, destination);
  }

  /** A dry run would restore it to this queue; its new ID is known only once it has an inode. */
  wouldRestore({ queue_name, queue_id, fingerprint }: MessageLine, queueName: Place['queueName']): void {
    const place = { new_queue_name: queueName, new_queue_id: null };
    const findings = this.#findingsOf(fingerprint);
    this.#count({ queue_name, queue_id, ...place, action: 'restored', reason: null, findings });
  }

  /** It is ready in its queue. */
  restored({ queueName, queueId, newQueueName, newQueueId, fingerprint }: JournalEntry): void {
    const place = { new_queue_name: newQueueName, new_queue_id: newQueueId };
    const findings = this.#findingsOf(fingerprint);
    this.#count({ queue_name: queueName, queue_id: queueId, ...place, action: 'restored', reason: null, findings });
  }

  /** It could not be put into its queue. */
  failed({ queueName, queueId, fingerprint }: JournalEntry, reason: Reason): void {
    const place = { new_queue_name: null, new_queue_id: null };
    const findings = this.#findingsOf(fingerprint);
    this.#count({ queue_name: queueName, queue_id: queueId, ...place, action: 'failed', reason, findings });
  }

  /** Where messages go. */
  routes(): RouteTotals[] {
    return this.#routes.list();
  }

  counts(): Record<RestoreAction, number> {
    return { ...this.#counts };
  }

  #count(mapping: MessageMapping): void {
    this.#counts[mapping.action] += 1;
    this.#onMapping?.(mapping);
  }
}

/** Puts the report together. */
export function reportOf(
  { archive, options, selection, unaccountedBytes, isAccounted }: RestoreRequest,
  { tally, outset, warnings }: { readonly tally: Tally; readonly outset: RestoreOutset; readonly warnings: Warnings },
): RestoreReport {
  return {
    snapshot_id: archive.header.snapshot_id,
    into: options.into ?? 'queues',
    dry_run: options.dryRun === true,
    proven: options.quick !== true,
    ...tally.counts(),
    routes: tally.routes(),
    missing_ids: selection.missingIds(),
    unsearched_recipients: selection.isUnsure,
    unaccounted_bytes: unaccountedBytes,
    accounted: isAccounted,
    warnings: warnings.list(),
    ...outset,
  };
}
