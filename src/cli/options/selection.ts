/** The options that choose messages, the same for each command that has them: one table. */

import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { OperatorError } from '../../errors.ts';
import type { MessageState } from '../../format/catalogue-line.ts';
import type { Criteria, CriterionName, SelectionOptions } from '../../plan/criteria.ts';
import { parseQueueId } from '../../queue/queue-id.ts';
import { isMessageQueueName } from '../../queue/queue-name.ts';
import type { Session } from '../process/session.ts';
import { linesOf } from '../process/standard-input.ts';
import { type AgeOrMoment, parseAgeOrMoment, parseBytes } from './amount.ts';
import { parseQueueList } from './queue-list.ts';

/** Stands for IDs that come from standard input. */
const STANDARD_INPUT = '-';

interface SelectionFlag {
  readonly criterion: CriterionName;
  readonly flag: string;
  readonly argument: string;
  readonly help: string;
  /** Adds what was given to what was given before. */
  readonly add: (before: Criteria, text: string) => Criteria;
  /** What would have to be given: the inverse of {@link add}. */
  readonly given: (criteria: Criteria) => readonly string[] | undefined;
}

const FLAGS: readonly SelectionFlag[] = [
  {
    criterion: 'ids',
    flag: 'id',
    argument: 'id',
    help: 'of this queue ID, or QUEUE_NAME/QUEUE_ID; - reads IDs, or the list of mailq, from stdin',
    add: (before, text) => ({ ...before, ids: [...(before.ids ?? []), text] }),
    given: ({ ids }) => ids,
  },
  {
    criterion: 'queues',
    flag: 'queues',
    argument: 'list',
    help: 'that were in these queues',
    add: (before, text) => ({ ...before, queues: [...(before.queues ?? []), ...parseQueueList(text)] }),
    given: ({ queues }) => (queues === undefined ? undefined : [queues.join(',')]),
  },
  {
    criterion: 'senders',
    flag: 'sender',
    argument: 'pattern',
    help: 'from this address, @domain or /regex/; <> is the null sender',
    add: (before, text) => ({ ...before, senders: [...(before.senders ?? []), text] }),
    given: ({ senders }) => senders,
  },
  {
    criterion: 'recipients',
    flag: 'recipient',
    argument: 'pattern',
    help: 'with a recipient of this address, @domain or /regex/',
    add: (before, text) => ({ ...before, recipients: [...(before.recipients ?? []), text] }),
    given: ({ recipients }) => recipients,
  },
  {
    criterion: 'recipientDomains',
    flag: 'recipient-domain',
    argument: 'domain',
    help: 'that have to go to this domain, as list --summary counts them',
    add: (before, text) => ({ ...before, recipientDomains: [...(before.recipientDomains ?? []), text] }),
    given: ({ recipientDomains }) => recipientDomains,
  },
  {
    criterion: 'senderDomains',
    flag: 'sender-domain',
    argument: 'domain',
    help: 'from this domain, as list --summary --senders counts them',
    add: (before, text) => ({ ...before, senderDomains: [...(before.senderDomains ?? []), text] }),
    given: ({ senderDomains }) => senderDomains,
  },
  {
    criterion: 'older',
    flag: 'older',
    argument: 'age',
    help: 'that arrived longer ago: 90s, 30m, 2h, 3d, 1w; or before a time, 2025-11-26T03:15:00Z',
    add: (before, text) => arrived(before, parseAgeOrMoment(text), { age: 'older', moment: 'before' }),
    given: ({ older, before }) => [...ages(older), ...moments(before)],
  },
  {
    criterion: 'younger',
    flag: 'younger',
    argument: 'age',
    help: 'that arrived since',
    add: (before, text) => arrived(before, parseAgeOrMoment(text), { age: 'younger', moment: 'since' }),
    given: ({ younger, since }) => [...ages(younger), ...moments(since)],
  },
  {
    criterion: 'larger',
    flag: 'larger',
    argument: 'size',
    help: 'bigger than 500, 10k, 5M (k is 1024 bytes)',
    add: (before, text) => ({ ...before, larger: once(before.larger, parseBytes(text)) }),
    given: ({ larger }) => sizes(larger),
  },
  {
    criterion: 'smaller',
    flag: 'smaller',
    argument: 'size',
    help: 'smaller than this',
    add: (before, text) => ({ ...before, smaller: once(before.smaller, parseBytes(text)) }),
    given: ({ smaller }) => sizes(smaller),
  },
  {
    criterion: 'reasons',
    flag: 'reason',
    argument: '/regex/',
    help: 'delayed or returned for a reason that fits',
    add: (before, text) => ({ ...before, reasons: [...(before.reasons ?? []), text] }),
    given: ({ reasons }) => reasons,
  },
  {
    criterion: 'reasonKinds',
    flag: 'reason-like',
    argument: 'reason',
    help: 'delayed or returned for this reason, whatever addresses and numbers it names',
    add: (before, text) => ({ ...before, reasonKinds: [...(before.reasonKinds ?? []), text] }),
    given: ({ reasonKinds }) => reasonKinds,
  },
  {
    criterion: 'states',
    flag: 'state',
    argument: 'state',
    help: 'queued, or left (the queue during the snapshot)',
    add: (before, text) => ({ ...before, states: [...(before.states ?? []), parseState(text)] }),
    given: ({ states }) => states,
  },
];

const HELP = `
All criteria that are given must hold; of one that is given several times, any. Ages are counted from now; times name
their zone.`;

/** What takes options: a command. */
interface OptionTaker {
  addOption(option: Option): unknown;
  addHelpText(position: 'after', text: string): unknown;
}

function ages(seconds: number | undefined): string[] {
  return seconds === undefined ? [] : [`${seconds}s`];
}

function moments(seconds: number | undefined): string[] {
  return seconds === undefined ? [] : [new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/u, 'Z')];
}

function sizes(bytes: number | undefined): string[] {
  return bytes === undefined ? [] : [String(bytes)];
}

/** The words that a selection is given by: the inverse of {@link SelectionReader}. Times are whole seconds of the years 0000 to 9999. */
export function selectionWords({ only = {}, exclude = {} }: SelectionOptions): string[] {
  const wordsOf = (criteria: Criteria, prefix: string): string[] =>
    FLAGS.flatMap(({ flag, given }) => (given(criteria) ?? []).flatMap((value) => wordsFor(`${prefix}${flag}`, value)));
  return [...wordsOf(only, '--'), ...wordsOf(exclude, '--exclude-')];
}

/** A value that begins with a dash would be taken for an option. */
function wordsFor(option: string, value: string): string[] {
  return value.startsWith('-') ? [`${option}=${value}`] : [option, value];
}

/** The selection of one command line. The options come in any order; those of one kind add up. */
export class SelectionReader {
  #only: Criteria = {};
  #exclude: Criteria = {};

  /** Gives the options to a command. @param without criteria that mean nothing there */
  addTo(command: OptionTaker, without: readonly CriterionName[] = []): void {
    const rows = FLAGS.filter(({ criterion }) => !without.includes(criterion));
    for (const { flag, argument, help, add } of rows) {
      addOption(command, { flags: `--${flag} <${argument}>`, help: `only messages ${help}` }, (text) => {
        this.#only = add(this.#only, text);
      });
    }
    for (const { flag, argument, add } of rows) {
      addOption(command, { flags: `--exclude-${flag} <${argument}>`, help: `no messages of --${flag}` }, (text) => {
        this.#exclude = add(this.#exclude, text);
      });
    }
    command.addHelpText('after', HELP);
  }

  /** Whether any option was given. */
  get isGiven(): boolean {
    return Object.keys(this.#only).length + Object.keys(this.#exclude).length > 0;
  }

  /**
   * What was given, with the IDs that stand behind the archive, and those that standard input names.
   *
   * @param isInputTaken whether standard input is the archive
   * @throws OperatorError `usage`
   */
  async read(
    positional: readonly string[],
    { session, isInputTaken }: { readonly session: Session; readonly isInputTaken: boolean },
  ): Promise<SelectionOptions> {
    const given =
      positional.length === 0 ? this.#only : { ...this.#only, ids: [...(this.#only.ids ?? []), ...positional] };
    const all = [...(given.ids ?? []), ...(this.#exclude.ids ?? [])];
    const wantsInput = all.includes(STANDARD_INPUT);
    if (wantsInput && isInputTaken) {
      throw new OperatorError('usage', 'standard input can be the archive or the queue IDs, not both', {
        nextStep: 'Name a file for the archive.',
      });
    }
    const input = wantsInput ? await idsFrom(session) : [];
    return { only: withIds(given, input), exclude: withIds(this.#exclude, input) };
  }
}

function addOption(
  command: OptionTaker,
  { flags, help }: { readonly flags: string; readonly help: string },
  take: (text: string) => void,
): void {
  command.addOption(new Option(flags, help).helpGroup('Choosing messages:').argParser(take));
}

function withIds(criteria: Criteria, input: readonly string[]): Criteria {
  return criteria.ids === undefined
    ? criteria
    : { ...criteria, ids: criteria.ids.flatMap((id) => (id === STANDARD_INPUT ? input : [namedId(id)])) };
}

/** As postqueue(1) begins its list, and what it says instead of one (showq.c). */
const LIST_HEADING = /^-Queue ID-/u;
const EMPTY_LIST = 'Mail queue is empty';

/**
 * One a line, as postsuper(1) reads them, or the list of `mailq`. None at all is a selection of nothing, not of everything.
 */
async function idsFrom(session: Session): Promise<string[]> {
  const ids: string[] = [];
  let isList = false;
  for await (const line of linesOf(session.standardInput(), session.signal)) {
    isList ||= LIST_HEADING.test(line);
    const text = isList ? listedId(line) : line.trim();
    if (text !== '' && text !== EMPTY_LIST) {
      ids.push(namedId(text));
    }
  }
  return ids;
}

/** The line of a message begins with its ID; those of its reasons and recipients, the heading and the sum do not. */
function listedId(line: string): string {
  return /^[0-9A-Za-z]+[*!#]?(?=\s|$)/u.exec(line)?.[0] ?? '';
}

/** IDs are often copied from `mailq`, with its `*`, `!` and `#` behind them, or from what postsnap says: `deferred/ID`. */
function namedId(text: string): string {
  const [, queueName, queueId = ''] = /^(?:([^/]*)\/)?(.*?)[*!#]*$/su.exec(text) ?? [];
  if (parseQueueId(queueId) === undefined) {
    throw new OperatorError('usage', `${text} is no queue ID`, {
      nextStep: 'Queue IDs are those of `postsnap list`, one an argument, or one a line of standard input.',
    });
  }
  if (queueName !== undefined && !isMessageQueueName(queueName)) {
    throw new OperatorError('usage', `${text}: there is no message queue ${queueName}`);
  }
  return queueName === undefined ? queueId : `${queueName}/${queueId}`;
}

function arrived(
  before: Criteria,
  given: AgeOrMoment,
  names: { readonly age: 'older' | 'younger'; readonly moment: 'before' | 'since' },
): Criteria {
  return 'age' in given
    ? { ...before, [names.age]: once(before[names.age], given.age) }
    : { ...before, [names.moment]: once(before[names.moment], given.moment) };
}

function once(before: number | undefined, now: number): number {
  if (before !== undefined) {
    throw new InvalidArgumentError('It is given twice.');
  }
  return now;
}

function parseState(text: string): MessageState {
  if (text === 'queued' || text === 'left') {
    return text;
  }
  throw new InvalidArgumentError('It must be queued or left.');
}
