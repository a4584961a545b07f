import { basename } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type QueueLayout, queueFilePath } from '../../src/queue/layout.ts';
import { parseQueueId } from '../../src/queue/queue-id.ts';
import { LOG_QUEUES, type QueueName } from '../../src/queue/queue-name.ts';
import { type Call, Faults, faultyFileSystem } from '../support/disk/faults.ts';
import type { SimulatedFileSystem } from '../support/disk/simulated-file-system.ts';
import { snapshotTree, type TreeEntry } from '../support/disk/tree.ts';
import { type Aftermath, HAPPENINGS, type Happening } from './happenings.ts';
import { leftBehind, type Tree } from './restore-promises.ts';
import { endings, type Interruption, interruptionsAt } from './restore-trial.ts';
import {
  ARCHIVED,
  type ArchivedMessage,
  logContent,
  makeWorld,
  QUEUE_DIRECTORY,
  type RestoreOutcome,
  runRestore,
} from './restore-world.ts';

/** POSTSNAP_FAULTS=all tries every ending at every call; otherwise they take turns. */
const ALL = process.env['POSTSNAP_FAULTS'] === 'all';
vi.setConfig({ testTimeout: ALL ? 7_200_000 : 300_000 });

const DISKS = [
  ['with syncfs', { wholeSync: true }],
  ['with fsync only', { wholeSync: false }],
  ['one message an hour', { wholeSync: true, hoursBetween: 1 }],
] as const;

interface Options {
  readonly wholeSync: boolean;
  readonly hoursBetween?: number;
}

async function callsOf(options: Options): Promise<readonly Call[]> {
  const faults = new Faults();
  await runRestore(faultyFileSystem(makeWorld(options), faults), options);
  return faults.calls;
}

interface Trial {
  readonly options: Options;
  readonly happening: Happening;
  readonly interruption: Interruption;
  /** The run that finishes is cut off, too. */
  readonly second?: number;
}

/** Cuts a restore off, lets something happen, and gives the same command again, twice; returns what is broken. */
async function attempt({ options, happening, interruption, second }: Trial): Promise<string[]> {
  let disk = makeWorld(options);
  const cut = new Faults().crashAt(interruption.index, interruption.moment);
  await runRestore(faultyFileSystem(disk, cut), options).catch(() => undefined);
  disk.endProcess();
  disk = interruption.how === 'kill' ? disk : disk.afterCrash(interruption.how);
  const untouchable = new Set(
    [...snapshotTree(disk, QUEUE_DIRECTORY).values()].filter(isReady).map(({ content = '' }) => content),
  );
  const happened = await happen(happening, disk, options);
  if (typeof happened === 'string') {
    return [happened];
  }
  const after = happened.disk;
  const settings = { ...options, ...happened.settings };
  if (second !== undefined) {
    await runRestore(faultyFileSystem(after, new Faults().crashAt(second, 'after')), settings).catch(() => undefined);
    after.endProcess();
  }
  try {
    const outcome = await runRestore(after, settings);
    const again = await runRestore(after, settings);
    const repeated = again.staged === 0 ? [] : [`P3: ${again.staged} messages were restored once more`];
    const messages = [...ARCHIVED, ...(happening.others ?? [])];
    return [...repeated, ...judge(after, outcome, { untouchable, layout: settings.layout, messages })];
  } catch (error) {
    return [`locked out: ${String(error)}`];
  }
}

async function happen(
  { happen: act }: Happening,
  disk: SimulatedFileSystem,
  options: Trial['options'],
): Promise<Aftermath | string> {
  try {
    return await act(disk, options);
  } catch (error) {
    return `failed meanwhile: ${String(error)}`;
  }
}

function isReady({ type, mode }: TreeEntry): boolean {
  return type === 'file' && (mode & 0o700) === 0o700;
}

interface Given {
  /** What was Postfix's already when it happened: its names and logs are not the restore's. */
  readonly untouchable: ReadonlySet<string>;
  readonly layout: QueueLayout | undefined;
  readonly messages: readonly ArchivedMessage[];
}

function judge(
  disk: SimulatedFileSystem,
  { failed }: RestoreOutcome,
  { untouchable, layout, messages }: Given,
): string[] {
  const tree = snapshotTree(disk, QUEUE_DIRECTORY);
  const named = new Set([...failed].flatMap(([content, { kind }]) => (kind === 'uncertain' ? [content] : [])));
  const pathOf = (queue: QueueName, name: string): string => {
    const id = parseQueueId(name);
    return id === undefined || layout === undefined ? '' : queueFilePath(layout, queue, id);
  };
  return [
    ...messages.flatMap((message) => brokenFor(message, tree, { named, untouchable, pathOf })),
    ...leftBehind(tree),
    ...[...tree].filter(isForgotten).map(([path]) => `P4: ${path} is left unready`),
    ...([...tree.values()].some(({ content }) => content === 'mail that was here') ? [] : ['P1: old mail has gone']),
  ];
}

function isForgotten([path, { type, mode }]: readonly [string, TreeEntry]): boolean {
  return type === 'file' && mode === 0o600 && /^(?:maildrop|incoming|active|deferred|hold)\//.test(path);
}

interface Judging extends Pick<Given, 'untouchable'> {
  readonly named: ReadonlySet<string>;
  readonly pathOf: (queue: QueueName, name: string) => string;
}

function brokenFor(message: ArchivedMessage, tree: Tree, { named, untouchable, pathOf }: Judging): string[] {
  const files = [...tree].filter(([, { content }]) => content === message.content);
  const [found] = files;
  if (found === undefined || files.length !== 1) {
    const isNamed = files.length === 0 && named.has(message.content);
    return isNamed
      ? []
      : [`P2/P3: "${message.content}" stands ${files.length} times: ${files.map(([path]) => path).join(', ')}`];
  }
  const [path, { inode, mode, links }] = found;
  if (untouchable.has(message.content)) {
    return (mode & 0o700) === 0o700 ? [] : [`P1: ${path} was made unready`];
  }
  const name = basename(path);
  const queue = path.slice(0, path.indexOf('/')) as QueueName;
  const broken: string[] = [];
  if (parseQueueId(name)?.inode !== inode || (pathOf(queue, name) !== '' && pathOf(queue, name) !== path)) {
    broken.push(`P5: "${message.content}" stands at ${path}, inode ${inode}`);
  }
  if ((mode & 0o700) !== 0o700 || links !== 1) {
    broken.push(`P4: ${path} has mode ${mode.toString(8)} and ${links} links`);
  }
  for (const log of LOG_QUEUES) {
    const standing = [...tree].filter(([, { content }]) => content === logContent(message.content, log));
    const isRight = message.logs.includes(log)
      ? standing.length === 1 && basename(standing[0]?.[0] ?? '') === name
      : standing.length === 0;
    if (!isRight) {
      broken.push(`P4: the ${log} log of ${path} stands at [${standing.map(([at]) => at).join(', ')}]`);
    }
  }
  return broken;
}

/** Every ending at every call; or one at each, so that all have their turn. */
function* trialsOf(calls: readonly Call[], happening: Happening): Generator<Omit<Trial, 'options'>> {
  const ends = endings(1);
  for (const call of calls) {
    const all = interruptionsAt(call, ends);
    const chosen = ALL ? all : all.slice((call.index * 7) % all.length).slice(0, 1);
    for (const interruption of chosen) {
      yield { happening, interruption };
      if (ALL || call.index % 4 === 0) {
        yield { happening, interruption, second: 40 + ((call.index * 13) % calls.length) };
      }
    }
  }
}

function describeTrial({ interruption, second }: Omit<Trial, 'options'>, calls: readonly Call[]): string {
  const how = interruption.how === 'kill' ? 'killed' : interruption.how.title;
  const again = second === undefined ? '' : `, again at ${second}`;
  return `${how} ${interruption.moment} ${interruption.index} ${calls[interruption.index]?.name}${again}`;
}

describe.each(DISKS)('%s, a restore that was cut off at any call, and then:', (title, options) => {
  it.each(HAPPENINGS)('$title', async (happening) => {
    const calls = await callsOf(options);
    const broken: string[] = [];
    let recoveries = 0;
    for (const trial of trialsOf(calls, happening)) {
      recoveries += 1;
      const found = await attempt({ ...trial, options });
      broken.push(...found.map((line) => `${describeTrial(trial, calls)}: ${line}`));
    }
    console.info(`${title}, ${happening.title}: cut off at ${calls.length} calls, ${recoveries} recoveries checked`);
    expect(broken.slice(0, 12)).toEqual([]);
  });
});
