/**
 * `release`: held messages become Postfix's again, by postsuper(1), the oldest first, at a pace where one is asked for. What
 * Postfix would return after one try, since it is older than maximal_queue_lifetime, is requeued: that begins its time anew
 * (postsuper(1), -r); but not where that would drop a notice to the sender. Cut off, the same command goes on: what was released is no longer on hold.
 */

import { clockAndChanceOf } from '../clock-and-chance.ts';
import { InterruptedError, OperatorError } from '../errors.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { type PaceClock, Pacer, systemPaceClock } from '../journal/pacer.ts';
import { Turns } from '../journal/turns.ts';
import { type OperationControl, tellWarnings } from '../operation.ts';
import { type Pace, secondsFor } from '../pace.ts';
import type { SelectableMessage } from '../plan/criteria.ts';
import { compileSelection } from '../plan/selection.ts';
import { type PostfixConfiguration, readConfiguration } from '../postfix/configuration.ts';
import { parseTimeValue } from '../postfix/time-value.ts';
import { isRoot, refuseSetUid } from '../rights/identity.ts';
import { heldMessages } from './held-messages.ts';
import type { ReleaseOptions, ReleaseReport } from './options.ts';
import { hasPendingNotice } from './pending-notices.ts';
import { type ReleaseWay, releaseBy } from './postsuper.ts';

/** With one call of postsuper(1), where no pace is asked for. */
const IDS_AT_ONCE = 1000;
/** What postqueue(1) shows the null sender as (empty_address_recipient). */
const NULL_SENDER = 'MAILER-DAEMON';

interface Due {
  readonly queueId: string;
  readonly way: ReleaseWay;
}

/**
 * Releases mail on hold, by postsuper(1): what is older than Postfix keeps mail is requeued, unless a notice to its sender
 * is pending. What postsuper(1) does not do is told in the report.
 *
 * @throws OperatorError: Postfix is not installed, or can't list its queue; or somebody else than root asks
 * @throws InterruptedError: by the control's signal, between two calls of postsuper(1): the same call goes on
 */
export async function release(
  options: ReleaseOptions,
  control: OperationControl = {},
  clock: PaceClock = systemPaceClock,
): Promise<ReleaseReport> {
  refuseSetUid();
  const configuration = readConfiguration(options);
  if (options.dryRun !== true && !isRoot()) {
    throw new OperatorError('not-permitted', 'only root may release mail (postsuper(1))', {
      nextStep: 'Run the same command as root.',
    });
  }
  const chosen = await choose(options, configuration, clockAndChanceOf(control).now());
  tellWarnings(control, noticeWarnings(chosen));
  const report = {
    queue_directory: configuration.queueDirectory,
    dry_run: options.dryRun === true,
    left_on_hold: chosen.left,
    missing_ids: chosen.missing,
  };
  if (options.dryRun !== true) {
    return { ...report, ...(await new Releasing(options, control).run(chosen.due, clock)) };
  }
  for (const { queueId, way } of chosen.due) {
    options.onMapping?.({ queue_id: queueId, action: way === 'r' ? 'requeued' : 'released' });
  }
  const requeued = chosen.due.filter(({ way }) => way === 'r').length;
  return { ...report, released: chosen.due.length, requeued, failed: 0, failure: '' };
}

interface Chosen {
  /** In the order of their turns. */
  readonly due: readonly Due[];
  /** How many were not asked for. */
  readonly left: number;
  /** Queue IDs that were named, and are not on hold. */
  readonly missing: readonly string[];
  /** Of what is too old: how many are released all the same, since a notice to their sender is pending. */
  readonly withNotice: number;
  /** Of what is too old: of how many nobody can tell. */
  readonly untold: number;
}

function noticeWarnings({ withNotice, untold }: Chosen): string[] {
  const notice = 'a notice to its sender is pending, which postsuper -r would drop';
  return [
    ...(withNotice === 0
      ? []
      : [
          `${withNotice} of what is too old: ${notice}: by postsuper -H instead, so Postfix makes it, tries once and returns what is left`,
        ]),
    ...(untold === 0 ? [] : [`${untold} of what is too old: only root can tell whether ${notice}`]),
  ];
}

async function choose(options: ReleaseOptions, configuration: PostfixConfiguration, date: Date): Promise<Chosen> {
  const now = Math.floor(date.getTime() / 1000);
  const lifetimeOf = (text: string): number => parseTimeValue(text, 'd') ?? Number.POSITIVE_INFINITY;
  const { parameters } = configuration;
  const usual = lifetimeOf(parameters.maximal_queue_lifetime);
  const returned = lifetimeOf(parameters.bounce_queue_lifetime);
  // By its arrival: when it was last requeued, which counts for Postfix, postqueue(1) does not tell.
  const isTooOld = ({ sender, arrival_time }: SelectableMessage): boolean =>
    now - arrival_time >= (sender === NULL_SENDER ? returned : usual);
  const selection = await compileSelection(options.selection ?? {}, now);
  const turns = new Turns(options.pace?.by ?? 'arrival');
  const chosen: Due[] = [];
  let [left, withNotice, untold] = [0, 0, 0];
  const wayOf = (message: SelectableMessage): ReleaseWay => {
    if (!isTooOld(message)) {
      return 'H';
    }
    const hasNotice = hasPendingNotice(nodeFileSystem, configuration, message.queue_id);
    withNotice += hasNotice === true ? 1 : 0;
    untold += hasNotice === undefined ? 1 : 0;
    return hasNotice === true ? 'H' : 'r';
  };
  for await (const message of heldMessages(options.configDirectory)) {
    if (selection.has(message)) {
      turns.add(chosen.length, { arrival: message.arrival_time, domain: domainOf(message) });
      chosen.push({ queueId: message.queue_id, way: wayOf(message) });
    } else {
      left += 1;
    }
  }
  const due = turns.inOrder().flatMap((index) => chosen[index] ?? []);
  return { due, left, missing: selection.missingIds(), withNotice, untold };
}

function domainOf({ recipients: [first] }: SelectableMessage): string {
  const address = first?.address ?? '';
  return address.slice(address.lastIndexOf('@') + 1);
}

/** What was done until now. */
class Releasing {
  readonly #options: ReleaseOptions;
  readonly #control: OperationControl;
  #released = 0;
  #requeued = 0;
  #failure = '';
  #unsure: Due[] = [];

  constructor(options: ReleaseOptions, control: OperationControl) {
    this.#options = options;
    this.#control = control;
  }

  async run(
    due: readonly Due[],
    clock: PaceClock,
  ): Promise<Pick<ReleaseReport, 'released' | 'requeued' | 'failed' | 'failure'>> {
    const { pace } = this.#options;
    const pacer = pace === undefined ? undefined : new Pacer(pace.rate, clock);
    const size = pacer?.slice ?? IDS_AT_ONCE;
    for (let at = 0; at < due.length; at += size) {
      await pacer?.wait(this.#control.signal);
      await this.#breathe(due.length - at);
      const slice = due.slice(at, at + size);
      this.#releaseSlice(slice);
      pacer?.note(slice.length);
      this.#tellProgress(Math.min(at + size, due.length), due.length, pace);
    }
    const failed = await this.#resolveUnsure();
    return { released: this.#released, requeued: this.#requeued, failed, failure: failed === 0 ? '' : this.#failure };
  }

  async #breathe(waiting: number): Promise<void> {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    if (this.#control.signal?.aborted === true) {
      // A terminal interrupts postsuper(1), too.
      const left = waiting + (await this.#resolveUnsure());
      throw new InterruptedError(`interrupted: ${this.#released} were released, ${left} are still on hold`, {
        state: 'goes-on',
      });
    }
  }

  #releaseSlice(slice: readonly Due[]): void {
    for (const way of ['H', 'r'] as const) {
      const meant = slice.filter((one) => one.way === way);
      if (meant.length > 0) {
        const ids = meant.map(({ queueId }) => queueId);
        const { released, complaint } = releaseBy(way, ids, this.#options.configDirectory);
        for (const one of meant.filter(({ queueId }) => released.has(queueId))) {
          this.#note(one);
        }
        this.#unsure.push(...meant.filter(({ queueId }) => !released.has(queueId)));
        this.#failure = complaint === '' ? this.#failure : complaint;
      }
    }
  }

  #note({ queueId, way }: Due): void {
    this.#released += 1;
    this.#requeued += way === 'r' ? 1 : 0;
    this.#options.onMapping?.({ queue_id: queueId, action: way === 'r' ? 'requeued' : 'released' });
  }

  #tellProgress(done: number, total: number, pace: Pace | undefined): void {
    const left = pace === undefined ? {} : { secondsLeft: secondsFor(pace.rate, total - done) };
    this.#control.onEvent?.({ kind: 'progress', phase: 'releasing', done, total, unit: 'messages', ...left });
  }

  /** What postsuper(1) has not named may be released all the same: it may have died when its work was done. */
  async #resolveUnsure(): Promise<number> {
    if (this.#unsure.length === 0) {
      return 0;
    }
    const held = new Set<string>();
    for await (const { queue_id } of heldMessages(this.#options.configDirectory)) {
      held.add(queue_id);
    }
    const failed = this.#unsure.filter(({ queueId }) => held.has(queueId));
    for (const one of this.#unsure.filter(({ queueId }) => !held.has(queueId))) {
      this.#note(one);
    }
    for (const { queueId } of failed) {
      this.#options.onMapping?.({ queue_id: queueId, action: 'failed' });
    }
    return failed.length;
  }
}
