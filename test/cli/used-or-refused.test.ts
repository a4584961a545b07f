/**
 * Each option of each command is used, or it is refused with 64 and the reason: nobody types something that is quietly of no
 * effect. A row says what an option changes against the same command without it; the help texts say which rows there must be.
 * There are so many rows that all but a few are run in this process, without threads.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { type CommandResult, postsnap } from '../support/process/command.ts';
import { fakeTerminal } from '../support/process/terminal.ts';
import { makeEmptyQueue, makeSampleQueue, queueOptions, scratchDirectory } from '../support/queue/sample-queue.ts';

let scratch: string;
beforeAll(() => {
  scratch = scratchDirectory();
  const at = (name: string) => join(scratch, 'template', name);
  makeSampleQueue(at('source'));
  makeEmptyQueue(at('target'));
  makeEmptyQueue(at('orphaned'));
  mkdirSync(at('orphaned/defer/A'));
  writeFileSync(at('orphaned/defer/A/A00011F'), 'a log');
  const night = ['backup', '-q', ...queueOptions(at('source')), '--store', at('store')];
  for (const args of [
    ['backup', '-q', ...queueOptions(at('source')), at('archive')],
    ['backup', '-q', ...queueOptions(at('source')), '--queues', 'hold', at('other')],
    [...night, '-o', 'myhostname=a.example', '-o', 'multi_instance_name=postfix-a'],
    [...night, '--no-verify', '-o', 'myhostname=b.example'],
    [...night, '-o', 'myhostname=b.example'],
  ]) {
    expect(postsnap(args)).toMatchObject({ status: 0, stdout: '', stderr: expect.not.stringContaining('fatal') });
  }
  if (HAS_POSTFIX) {
    makeSampleQueue(join(scratch, 'held'));
    for (const args of [
      ['-R', 'postfix:', join(scratch, 'held')],
      ['root:', join(scratch, 'held')],
    ]) {
      expect(spawnSync('chown', args).status).toBe(0);
    }
    mkdirSync(at('postfix'));
    writeFileSync(at('postfix/main.cf'), `queue_directory = ${join(scratch, 'held')}\n`);
    writeFileSync(at('postfix/master.cf'), '');
  }
  const whole = readFileSync(at('archive'));
  writeFileSync(at('cut'), whole.subarray(0, whole.length - 200));
  expect(spawnSync('tar', ['-C', at('source'), '-cf', at('tar'), '.']).status).toBe(0);
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

interface Outcome extends Omit<CommandResult, 'bytes'> {
  readonly files: readonly string[];
  /** Of the archive that was made of a tar. */
  readonly host?: string;
}

/** Holds of a run with an option, and not of one without. */
type Effect = (outcome: Outcome) => boolean;

const out =
  (pattern: RegExp): Effect =>
  ({ stdout }) =>
    pattern.test(stdout);
const notOut =
  (pattern: RegExp): Effect =>
  ({ stdout }) =>
    !pattern.test(stdout);
const said =
  (pattern: RegExp): Effect =>
  ({ stderr }) =>
    pattern.test(stderr);
const ends =
  (expected: number): Effect =>
  ({ status }) =>
    status === expected;
const makes =
  (name: string): Effect =>
  ({ files }) =>
    files.includes(name);
const silent: Effect = ({ stdout }) => stdout === '';
const isJson = out(/^\{"/u);

/** A command, an option, and what it changes, or why it is refused. Words that begin with `@` are scratch files; ␣ is a space. */
type Row = readonly [command: string, option: string, effect: Effect | RegExp];

/** A release is Postfix's own work: without it there is nothing to be tried. */
const HAS_POSTFIX = existsSync('/usr/sbin/postqueue') && process.getuid?.() === 0;

/**
 * A run of each command that ends well. `S` is the queue with mail, `T` the one without, `O` that of a log
 * without its message.
 */
const COMMANDS: Readonly<Record<string, string>> = {
  backup: 'S @new',
  restore: 'T @archive',
  status: 'T',
  repair: 'O',
  list: '@archive',
  info: '@archive',
  report: '@archive -o @page',
  diff: 'T @archive',
  cat: '--all @new @archive',
  verify: '@archive',
  import: '@tar @new',
  snapshots: '--store @store',
  prune: '--store @store --keep-last 1',
  pin: '--store @store --host a.example latest',
  unpin: '--store @store --host a.example latest',
  check: '--store @store',
  'check-config': 'S --store @store',
  drill: '@archive',
  ...(HAS_POSTFIX ? { release: '-n -c @postfix' } : {}),
};
const ON_A_QUEUE = ['backup', 'restore', 'status', 'repair', 'diff'];
/** They look at settings without failing by them, or without a queue: their rows are their own. */
const OWN_INSTALLATION = ['check-config', 'drill', 'release', 'report'];
const names = Object.keys(COMMANDS);
const base = (name: string) => `${name} ${COMMANDS[name] ?? ''}`;

const COMMON: readonly Row[] = names.flatMap((name): readonly Row[] => [
  [base(name), '-q', silent],
  [base(name), '-j', isJson],
  [base(name), '-v', said(/^postsnap: took /mu)],
  [base(name), '-q -v', /contradict/u],
  [base(name), '-vvv', /-vv/u],
  [base(name), '--configuration @nosuch', ends(66)],
  ...(OWN_INSTALLATION.includes(name) ? [] : installationRows(name)),
]);

function installationRows(name: string): readonly Row[] {
  return ON_A_QUEUE.includes(name)
    ? [
        [base(name), '-i postfix-nosuch', ends(78)],
        [base(name), '-c @nosuch', (outcome) => outcome.status === 78 || /configuration/u.test(outcome.stderr)],
        [base(name), '--queue-directory @nosuch', ends(66)],
        [base(name), '-o minimal_backoff_time=soon', ends(78)],
        [base(name), '-o queue_directroy=/x', /no parameter "queue_directroy".*queue_directory/u],
      ]
    : [
        [base(name), '-c /etc/postfix', /works on no queue/u],
        [base(name), '-i -', /works on no queue/u],
        [base(name), '--queue-directory @target', /works on no queue/u],
        [base(name), '--option mail_owner=root', name === 'list' ? /enable_long_queue_ids/u : /works on no queue/u],
      ];
}

/** Each selects some of the messages, or none: never all. */
const SELECTION: readonly (readonly [flag: string, value: string])[] = [
  ['id', '65DB6210C5A'],
  ['queues', 'hold'],
  ['sender', '@example.net'],
  ['recipient', 'hanna@example.org'],
  ['recipient-domain', 'example.com'],
  ['sender-domain', 'example.net'],
  ['older', '9999w'],
  ['younger', '1s'],
  ['larger', '480'],
  ['smaller', '300'],
  ['reason', '/busy/'],
  ['reason-like', 'nosuch'],
  ['state', 'left'],
];
const EXCLUDED: Readonly<Record<string, string>> = {
  sender: '@example.com',
  'recipient-domain': 'example.org',
  'sender-domain': 'example.com',
  'reason-like': 'host␣127.0.0.7[*]␣said:␣450␣4.2.1␣Mailbox␣busy,␣try␣again␣later␣(in␣reply␣to␣RCPT␣TO␣command)',
  older: '1s',
  younger: '9999w',
  state: 'queued',
};
const COUNTED: Readonly<Record<string, RegExp>> = {
  backup: /"messages":15,"left"/u,
  restore: /"restored":15,/u,
  list: /(?:.*\n){15}/u,
  cat: /"written":15,/u,
  import: /"messages":15,"left"/u,
};
/** What left a queue, these do not know. */
const STATELESS = ['backup', 'import'];
/** Of two held messages. */
const HELD: readonly string[] = [
  'id 5444C210C4F',
  'sender clara@example.com',
  'recipient rosa@example.org',
  'recipient-domain nosuch',
  'sender-domain nosuch',
  'reason-like nosuch',
  'older 9999w',
  'younger 1s',
  'larger 410',
  'smaller 410',
  'reason /nosuch/',
  'exclude-id 5444C210C4F',
  'exclude-sender clara@example.com',
  'exclude-recipient rosa@example.org',
  'exclude-recipient-domain example.org',
  'exclude-sender-domain example.com',
  'exclude-reason-like connect␣to␣127.0.0.7[::1]:25:␣Connection␣refused',
  'exclude-older 1s',
  'exclude-younger 9999w',
  'exclude-larger 410',
  'exclude-smaller 410',
  'exclude-reason /refused/',
];
const RELEASING: readonly Row[] = HAS_POSTFIX
  ? [
      [base('release'), '-c @nosuch', ends(78)],
      [base('release'), '-i postfix-nosuch', /one of them only/u],
      [base('release'), '--queue-directory @source', /goes by main.cf/u],
      [base('release'), '-o mail_owner=root', /goes by main.cf/u],
      ['release -c @postfix --older 9999w', '-n', out(/Would release/u)],
      [base('release'), '--rate 5', /300\/min/u],
      [base('release'), '--rate-by arrival', /without --rate/u],
      ...HELD.map((option): Row => [base('release'), `--${option}`, notOut(/release 2 messages/u)]),
    ]
  : [];
const CHOOSING: readonly Row[] = Object.entries(COUNTED).flatMap(([name, all]) =>
  SELECTION.filter(([flag]) => !(STATELESS.includes(name) && flag === 'state')).flatMap(([flag, value]): Row[] => {
    const refused = name === 'restore' && flag === 'state' ? /include-left/u : notOut(all);
    return [
      [`${base(name)} -j`, `--${flag} ${value}`, refused],
      [`${base(name)} -j`, `--exclude-${flag} ${EXCLUDED[flag] ?? value}`, notOut(all)],
    ];
  }),
);

const WITH_SNAPSHOT = ['restore T', 'list', 'info', 'report -j', 'diff T', 'cat --all @new', 'verify'];
const FROM_STORE: readonly Row[] = WITH_SNAPSHOT.flatMap((words): Row[] => [
  [`${words} @archive`, '--snapshot latest', /none is named/u],
  [`${words} @archive`, '--host a.example', /none is named/u],
  [`${words} @archive`, '--instance -', /none is named/u],
  [`${words}`, '--store @store', /no snapshot is named/u],
  [`${words} --store @store --snapshot latest`, '--host nosuch.example', ends(66)],
  [`${words} --store @store --snapshot latest --host a.example`, '--instance -', ends(66)],
]);

const RULES = ['last 1', 'hourly 1', 'daily 1', 'weekly 1', 'monthly 1', 'yearly 1', 'within 1d'];
const KEEPING: readonly Row[] = RULES.flatMap((rule): Row[] => [
  ['backup S @new', `--keep-${rule}`, /only a store has rules/u],
  ['snapshots -j --store @store', `--keep-${rule}`, out(new RegExp(`"kept_by":\\["${rule.split(' ')[0]}"`, 'u'))],
  ['prune --store @store', `--keep-${rule}`, ends(0)],
]).concat(
  RULES.filter((rule) => !rule.startsWith('within')).map(
    (rule): Row => ['backup S -j -o myhostname=b.example --store @store', `--keep-${rule}`, out(/"removed":\["/u)],
  ),
);

const OWN: readonly Row[] = [
  ['backup S @new', '--level 99', /1 to 19/u],
  ['backup S @new', '--workers 99', /whole number/u],
  ['backup S @new', '--verify', out(/Read back/u)],
  ['backup S @new', '--no-verify', /only with --verify/u],
  ['backup S @new', '--metrics-file @metrics.prom', makes('metrics.prom')],
  ['backup S @new', '--store @store', /not both/u],
  ['backup S --store @store', '--all-instances', /queue of one instance/u],
  ['restore T @archive', '--into hold', out(/13 into hold/u)],
  ['restore T @archive', '--since-log @nosuch', ends(66)],
  ['restore T @archive', '-n', out(/Nothing was changed/u)],
  ['restore T @archive -n', '--quick', out(/NOT proven/u)],
  ['restore T @archive', '--quick', /without --dry-run/u],
  ['restore T @archive -n --salvage', '--quick', /contradict each other/u],
  ['restore T @archive', '--release-held', /without --into maildrop/u],
  ['restore T @archive --into hold', '--release-held', /without --into maildrop/u],
  ['restore T @cut', '--salvage', ends(1)],
  ['restore T', '--finish', out(/: no restore waits/u)],
  ['restore T', '--abandon', out(/: no restore waits/u)],
  ['restore T @archive', '--workers 99', /whole number/u],
  ['restore T @archive', '--rate 100/s', out(/At most 100\/s/u)],
  ['restore T @archive', '--rate 100/d', /5\/s, 300\/min or 1000\/h/u],
  ['restore T @archive', '--rate-by destination', /without --rate/u],
  ['restore T @archive --rate 100/s', '--rate-by destination', out(/each destination in turn/u)],
  ['restore T @archive --rate 100/s', '--rate-by size', /arrival or destination/u],
  ['restore T --abandon', '--rate 100/s', /goes nowhere/u],
  ['restore T @archive', '--map @map', makes('map')],
  ['restore T @archive', '--map -', out(/^\{"queue_name"/u)],
  ['restore T -j @archive', '--map -', /map goes to stdout/u],
  ...[
    '--into hold',
    '-n',
    '--include-left',
    '--salvage',
    '--again',
    '--retry-now',
    '--workers 0',
    '--id 65DB6210C5A',
    '--store @store',
  ].map((option): Row => ['restore T --finish', option, /stand alone/u]),
  ['backup S @new', '--wait soon', /number with a unit/u],
  ['restore T @archive', '--wait soon', /number with a unit/u],
  ['backup S @new', '--ping ftp://ping.example/', /--ping: expected is a URL/u],
  [
    'prune --store @store --keep-last 1',
    '--ping http://127.0.0.1:2/',
    said(/was not told of this run: Connection refused \(ECONNREFUSED\)/u),
  ],
  [
    'drill @archive',
    '--ping http://127.0.0.1:2/',
    said(/was not told of this run: Connection refused \(ECONNREFUSED\)/u),
  ],
  ['repair O', '--wait soon', /number with a unit/u],
  ['repair O', '-n', out(/Nothing was changed/u)],
  ['repair O', '--only nosuch', /must be of/u],
  ['repair O -j', '--remove-orphans', out(/"action":"remove"/u)],
  ['list @archive', '--sort sender', out(/-{7}\n.{40,60}anna@/u)],
  ['list @archive', '--summary', notOut(/Queue ID/u)],
  ['list @archive', '--senders', /without --summary/u],
  ['list --summary -j @archive', '--senders', notOut(/example\.org/u)],
  ['list @archive', '-o enable_long_queue_ids=yes', out(/^----Queue ID/u)],
  ['list -j @archive', '-o enable_long_queue_ids=yes', /means nothing/u],
  ['report @archive', '-o @page', makes('page')],
  ['report -j @archive', '--redact', notOut(/example\.org/u)],
  ['report -j --option mail_owner=root --queue-directory @target @archive', '--restore', out(/"concerns"/u)],
  ['report -j @archive', '-i -', /without --restore/u],
  ['report -j @archive', '-c /etc/postfix', /without --restore/u],
  ['report -j @archive', '--queue-directory @target', /without --restore/u],
  ['report -j @archive', '--option mail_owner=root', /without --restore/u],
  ['report -j @archive', '-o -', /goes to stdout/u],
  ['diff @archive @other', '-c /etc/postfix', /no queue/u],
  ['diff @archive @other', '--queue-directory @target', /no queue/u],
  ['diff @archive @other', '-o mail_owner=root', /no queue/u],
  ['cat @archive 65DB6210C5A', '--message', out(/^Received/u)],
  ['cat @archive 65DB6210C5A', '-j', /goes to stdout/u],
  ['cat @archive 65DB6210C5A', '--queues hold', /one message/u],
  ['cat @archive', '--all @new', makes('new')],
  ['cat --all @new @archive', '--message', /means nothing/u],
  ['verify @archive', '--workers 99', /whole number/u],
  ['verify @archive', '--metrics-file @metrics.prom', makes('metrics.prom')],
  ['import @tar @new', '--directory nosuch', (outcome) => outcome.status !== 0],
  ['import -j @tar @new', '--hostname h.example', (outcome) => outcome.host === 'h.example'],
  ['import @tar @new', '--level 99', /1 to 19/u],
  ['prune --store @store --keep-last 1', '-n', out(/[Ww]ould/u)],
  ...['snapshots -j', 'prune -n -j --keep-last 1', 'check'].flatMap((words): Row[] => [
    [`${words} --store @store`, '--host a.example', notOut(/b\.example/u)],
    [`${words} --store @store`, '--instance postfix-a', notOut(/b\.example/u)],
    [words, '--store @store', (outcome) => outcome.status !== 64 && outcome.status !== 3],
  ]),
  ...['pin', 'unpin'].flatMap((name): Row[] => [
    [`${name} --store @store latest`, '--host a.example', ends(0)],
    [`${name} --store @store latest`, '--instance postfix-a', ends(0)],
    [`${name} latest`, '--store @nosuch', ends(66)],
  ]),
  ['check-config S', '--store @store', out(/ ok +store: /u)],
  ['check-config S --store @store', '--all-instances', /queue of one instance/u],
  ['check-config S --store @store', '-i postfix-nosuch', said(/no Postfix instance/u)],
  ['check-config S --store @store', '-c @nosuch', out(/of nowhere/u)],
  ['check-config S --store @store', '--queue-directory @nosuch', out(/WRONG +postfix: .*nosuch/u)],
  ['check-config S --store @store', '-o minimal_backoff_time=soon', out(/WRONG +postfix: .*soon/u)],
  ['drill', '-', /reads the archive more than once/u],
  ['drill @archive', '-i postfix-nosuch', ends(78)],
  ['drill @archive', '-c @nosuch', said(/configuration/u)],
  ['drill @archive', '--queue-directory @target', /works on no queue/u],
  ['drill @archive', '-o mail_owner=nosuch', ends(69)],
  ['drill @archive', '--directory @nosuch', ends(66)],
  ['drill @archive', '--metrics-file @metrics.prom', makes('metrics.prom')],
  ['drill @archive', '--store @store', /one of them only/u],
  ['drill @archive', '--snapshot latest', /none is named/u],
  ['drill --store @store', '--host nosuch.example', ends(66)],
  ['drill --store @store', '--instance postfix-nosuch', ends(66)],
  ['check --store @store', '--max-age 1s', out(/CRITICAL|;1;/u)],
  ['check --store @store', '--warn-age 1h', out(/=\d+s;3600;/u)],
  ['check --store @store', '--warn-age 26h', /never warn/u],
];

const ROWS = [...COMMON, ...RELEASING, ...CHOOSING, ...FROM_STORE, ...KEEPING, ...OWN];

const QUEUES = new Map([
  ['S', 'source'],
  ['T', 'target'],
  ['O', 'orphaned'],
]);

function argumentsOf(words: string, at: (name: string) => string): string[] {
  return words.split(' ').flatMap((word) => {
    const queue = QUEUES.get(word);
    if (queue !== undefined) {
      return queueOptions(at(queue));
    }
    return word.startsWith('@') && !word.startsWith('@example') ? [at(word.slice(1))] : [word.replaceAll('␣', ' ')];
  });
}

async function inThisProcess(argv: readonly string[]): Promise<Omit<CommandResult, 'bytes'>> {
  const environment = { ...process.env, MAIL_CONFIG: '', POSTSNAP_WORKERS: '0' };
  const terminal = fakeTerminal({ environment });
  const status = await runProgram(argv, terminal, '1.2.3');
  return { status, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

/** They start threads, which need the built command. */
const THREADED = /^(?:diff T|backup .*(?:--store @store|--verify))/u;

let runs = 0;
/** Runs a command on a copy of everything. */
async function run(words: string): Promise<Outcome> {
  runs += 1;
  const directory = join(scratch, `run-${runs}`);
  cpSync(join(scratch, 'template'), directory, { recursive: true, preserveTimestamps: true });
  try {
    const argv = argumentsOf(words, (name) => join(directory, name));
    const result = THREADED.test(words) ? postsnap(argv) : await inThisProcess(argv);
    const files = readdirSync(directory);
    if (!words.startsWith('import') || !files.includes('new')) {
      return { ...result, files };
    }
    const made = await inThisProcess(['info', '-j', join(directory, 'new')]);
    return { ...result, files, host: JSON.parse(made.stdout).myhostname };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const known = new Map<string, Promise<Outcome>>();
function runOnce(words: string): Promise<Outcome> {
  const outcome = known.get(words) ?? run(words);
  known.set(words, outcome);
  return outcome;
}

function withOption(words: string, option: string): string {
  return `${words} ${option}`;
}

describe('each option is used, or refused', () => {
  test.each(ROWS)('%s | %s', async (words, option, effect) => {
    const outcome = await run(withOption(words, option));
    if (effect instanceof RegExp) {
      expect(outcome).toMatchObject({ status: 64, stdout: '' });
      expect(outcome.stderr).toMatch(effect);
    } else {
      expect(effect(await runOnce(words)), 'without it').toBe(false);
      expect(effect(outcome), outcome.stdout + outcome.stderr).toBe(true);
    }
  });
});

/** What has no effect to be seen here: there is never a bar without a terminal. `-h` ends everything. */
const UNSEEN = ['--no-progress', '--help', '--nice'];

test('each command and each option that help names has a row', async () => {
  const { stdout: help } = await inThisProcess(['--help']);
  const commands = help.split('Commands:')[1]?.match(/^ {2}[a-z-]+/gmu) ?? [];
  expect(
    commands
      .map((name) => name.trim())
      .filter((name) => name !== 'help')
      .sort(),
  ).toEqual([...names].sort());
  for (const name of names) {
    const { stdout: text } = await inThisProcess([name, '--help']);
    const options = text.match(/^ {2}(?:-\w, )?--[a-z-]+/gmu) ?? [];
    const rows = ROWS.filter(([words]) => words.split(' ')[0] === name);
    for (const [long = ''] of options.map((option) => /--[a-z-]+/u.exec(option) ?? [])) {
      const short =
        options
          .find((option) => option.endsWith(` ${long}`))
          ?.match(/-\w,/u)?.[0]
          .slice(0, 2) ?? long;
      const given = rows.flatMap(([, option]) => option.split(' '));
      expect(UNSEEN.includes(long) || given.includes(long) || given.includes(short), `${name} ${long}`).toBe(true);
    }
  }
});

describe('what all commands have works before the command, too', () => {
  test('settings, JSON, and what adds up', () => {
    const queue = [...queueOptions(join(scratch, 'template', 'source'))];
    const { status, stdout } = postsnap(['-j', ...queue, 'backup', join(scratch, 'leading')]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ messages: 15 });
    const archive = join(scratch, 'template', 'archive');
    expect(postsnap(['-v', 'verify', '-v', archive]).stderr).toMatch(/^postsnap: \w+: .* of /mu);
    expect(postsnap(['-q', 'verify', archive])).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(postsnap(['-q', 'verify', '-v', archive])).toMatchObject({ status: 64 });
    expect(postsnap(['-c', '/etc/postfix', 'verify', archive])).toMatchObject({ status: 64 });
  });

  test('help takes the name of a command', () => {
    expect(postsnap(['help', 'backup']).stdout).toContain('Usage: postsnap backup');
    expect(postsnap(['help'])).toMatchObject({ status: 0 });
    expect(postsnap(['help', 'bogus'])).toMatchObject({ status: 64, stdout: '' });
    expect(postsnap(['help', '-v'])).toMatchObject({
      status: 64,
      stderr: "postsnap: fatal: unknown option '-v'. Try: postsnap --help\n",
    });
    expect(postsnap(['-j', 'help', 'backup'])).toMatchObject({ status: 64, stdout: '' });
  });
});

test('-c may be relative, as for the commands of Postfix', () => {
  const archive = join(scratch, 'relative');
  const source = join(scratch, 'template', 'source');
  writeFileSync(join(scratch, 'main.cf'), `queue_directory = ${source}\n`);
  const args = ['backup', '-c', '.', '-o', 'mail_owner=root', '-o', 'enable_long_queue_ids=no', archive];
  expect(postsnap(args, { directory: scratch })).toMatchObject({ status: 0 });
});

describe('--queues that is given twice adds up', () => {
  test('restore, backup, list', () => {
    const archive = join(scratch, 'template', 'archive');
    const { stdout } = postsnap(['list', '-j', '--queues', 'hold', '--queues', 'incoming', archive]);
    expect(stdout.trimEnd().split('\n')).toHaveLength(4);
  });
});

describe('the map of a dry run', () => {
  const map = (name: string) => join(scratch, name);
  const restore = (...args: string[]) =>
    postsnap(['restore', ...queueOptions(join(scratch, 'target')), ...args, join(scratch, 'template', 'archive')]);

  test('says that it is one, and gives way to that of the real run', () => {
    makeEmptyQueue(join(scratch, 'target'));
    for (const args of [['-n'], ['-n'], []]) {
      expect(restore(...args, '--map', map('map'))).toMatchObject({ status: 0 });
      const lines = readFileSync(map('map'), 'utf8').trimEnd().split('\n');
      expect(lines.map((line) => JSON.parse(line).dry_run)).toEqual(
        Array(15).fill(args[0] === '-n' ? true : undefined),
      );
    }
    expect(restore('--map', map('map'))).toMatchObject({ status: 73 });
  });

  test('nothing else gives way', () => {
    writeFileSync(map('mine'), '{"queue_name":"mine","dry_run":true}, and more\n');
    expect(restore('--map', map('mine'))).toMatchObject({ status: 73 });
    symlinkSync(map('map'), map('link'));
    expect(restore('--map', map('link'))).toMatchObject({ status: 73 });
  });
});
