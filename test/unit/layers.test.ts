/**
 * The layers of the source, as one table: what each folder is for, and which others it may import. A folder that is not
 * in the table fails, so nobody adds a room without saying what it is for.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const SOURCE = join(import.meta.dirname, '../../src');

interface Room {
  readonly is: string;
  readonly imports: readonly string[];
}

const GROUND = [
  'errors.ts',
  'clock-and-chance.ts',
  'operation.ts',
  'archive-location.ts',
  'pace.ts',
  'batches.ts',
  'byte-source.ts',
  'plain-object.ts',
  'queue',
  'record',
  'log',
  'table',
] as const;
const TOOLS = [...GROUND, 'fs', 'format', 'worker'] as const;

const LAYERS: Readonly<Record<string, Room>> = {
  cli: {
    is: 'the command line: it parses, calls one operation, and prints; it holds no logic',
    imports: [
      ...TOOLS,
      'postfix',
      'rights',
      'backup',
      'restore',
      'repair',
      'release',
      'inspect',
      'import',
      'plan',
      'store',
      'keep',
      'drill',
      'report',
    ],
  },
  'index.ts': {
    is: 'the library: it exports the operations, their options and reports',
    imports: [...TOOLS, 'backup', 'restore', 'repair', 'release', 'inspect', 'import', 'plan'],
  },

  owner: {
    is: 'the program of the process that is mail_owner: the work of a backup or a restore, for root',
    imports: ['backup', 'restore', 'repair', 'rights'],
  },

  drill: {
    is: 'a restore for trial into a queue directory of its own, and what is seen there; it restores as anybody would',
    imports: [...TOOLS, 'restore', 'inspect', 'rights', 'postfix'],
  },

  backup: {
    is: 'the work of a backup; no command imports another: what two of them need belongs a layer lower',
    imports: [...TOOLS, 'plan', 'rights', 'journal', 'spool', 'archive', 'postfix'],
  },
  restore: {
    is: 'the work of a restore; no command imports another',
    imports: [...TOOLS, 'plan', 'mail-log', 'rights', 'journal', 'spool', 'archive', 'postfix'],
  },
  repair: {
    is: 'the work of a repair: facts, findings (pure), and orders for the journal; no command imports another',
    imports: [...TOOLS, 'rights', 'journal', 'spool', 'postfix'],
  },
  release: {
    is: 'the work of a release: mail on hold becomes Postfix’s again, by postsuper(1)',
    imports: [...TOOLS, 'plan', 'rights', 'journal', 'postfix'],
  },
  keep: {
    is: 'what is done to a store: publishing, snapshots, retention, pins, checks; it takes no snapshot itself',
    imports: ['errors.ts', 'operation.ts', 'store'],
  },
  import: {
    is: 'the work of import: a tar of a queue becomes an archive; no command imports another',
    imports: [...TOOLS, 'archive', 'plan'],
  },
  inspect: {
    is: 'the work of list, cat and verify; no command imports another',
    imports: [...TOOLS, 'plan', 'archive'],
  },
  report: {
    is: 'what a report tells, as a value, gathered from what others have read: pure',
    imports: ['format', 'queue', 'plan', 'inspect', 'store', 'keep'],
  },

  plan: {
    is: 'what a restore will do with each message, and what should be known of it: pure',
    imports: ['errors.ts', 'queue', 'record', 'table', 'format', 'mail-log'],
  },
  'mail-log': {
    is: 'what the lines of a mail log prove of a message: pure',
    imports: ['queue'],
  },
  rights: {
    is: 'the giving up of rights: work in a process that is mail_owner, and the few things that root does for it',
    imports: [
      'errors.ts',
      'clock-and-chance.ts',
      'operation.ts',
      'plain-object.ts',
      'queue',
      'fs',
      'worker',
      'journal',
      'postfix',
    ],
  },
  journal: {
    is: 'everything that places mail into a queue: staging, journal, links, ready bits, finishing what was cut off',
    imports: [...TOOLS, 'spool', 'postfix'],
  },
  store: {
    is: 'the port to a place that keeps archives, its names, its rules of retention (pure), and a directory behind it',
    imports: ['errors.ts', 'fs'],
  },
  spool: {
    is: 'the reading of one queue directory; nothing in it changes a queue',
    imports: [...TOOLS, 'postfix'],
  },
  archive: {
    is: 'bytes to archive and back; it knows no live queue',
    imports: [...TOOLS],
  },
  postfix: {
    is: 'the installation: configuration, accounts, whether it runs',
    imports: ['errors.ts', 'queue', 'fs'],
  },

  fs: {
    is: 'the only door to the disk; it knows no Postfix',
    imports: ['errors.ts', 'clock-and-chance.ts', 'byte-source.ts', 'plain-object.ts'],
  },
  format: {
    is: 'archive format 1 as pure codecs',
    imports: ['errors.ts', 'plain-object.ts', 'queue', 'record', 'log'],
  },
  worker: {
    is: 'threads: a pool, its workers, and errors that travel between them',
    imports: ['errors.ts', 'plain-object.ts'],
  },

  'operation.ts': {
    is: 'what every operation takes: a signal, and a listener for events',
    imports: ['errors.ts', 'clock-and-chance.ts'],
  },
  'clock-and-chance.ts': { is: 'clock and chance, those of the system in this one place', imports: [] },
  'errors.ts': { is: 'errors by who must act', imports: [] },
  'archive-location.ts': { is: 'where an archive is, as an operation is told', imports: [] },
  'pace.ts': { is: 'so many messages in a time, as an operation is told: pure', imports: [] },
  'batches.ts': { is: 'what comes one by one, in groups of so many: pure', imports: [] },
  'plain-object.ts': { is: 'objects with members of any kind, as they come from elsewhere', imports: [] },
  'byte-source.ts': { is: 'bytes at offsets, of whatever', imports: [] },
  record: { is: 'queue file records: pure', imports: ['queue', 'table', 'byte-source.ts'] },
  log: { is: 'defer, bounce and trace log entries: pure', imports: ['queue', 'record'] },
  queue: { is: 'names, queue IDs, hash directories and modes: pure', imports: [] },
  table: { is: 'tables that hold a million rows: pure', imports: ['queue'] },
};

/** Built-in modules that are a way out of the process, and the rooms that may use them. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  'node:fs': ['fs'],
  'node:fs/promises': [],
  'node:child_process': ['fs', 'rights'],
  'node:worker_threads': ['worker'],
  'node:net': [],
};

/** What stands above all others, and alone knows the options of the command line. */
const COMMAND_LINE = 'cli';

/** Direct questions to the clock, and to chance: a test can't answer them. */
const CLOCK_OR_CHANCE =
  /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\brandom(?:Bytes|UUID|Int|FillSync)\b|\bhrtime\b|\bperformance\.now\b/gu;

/** What makes or changes files: spool/ only reads. */
const WRITERS = ['fs/nfs-safe.ts', 'fs/atomic-file.ts', 'fs/durable.ts'];

interface Import {
  readonly file: string;
  readonly what: string;
}

const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/u.test(name));
const imports = files.flatMap(importsOf);

function importsOf(file: string): Import[] {
  const text = textOf(file);
  return [...text.matchAll(/(?:from|import\() ?'([^']+)'/g)].map(([, what = '']) => ({
    file,
    what: what.startsWith('.') ? normalize(join(dirname(file), what)) : what,
  }));
}

function textOf(file: string): string {
  return readFileSync(join(SOURCE, file), 'utf8');
}

/** The code without its comments. */
function codeOf(file: string): string {
  return textOf(file).replace(/^ *(?:\/\*\*?[\s\S]*?\*\/|\/\/.*)$/gmu, '');
}

function optionsIn(code: string): string[] {
  return code.match(/(?<![\w-])--[a-z][a-z-]+/gu) ?? [];
}

function roomOf(file: string): string {
  return file.split('/')[0] ?? file;
}

function isInside({ what }: Import): boolean {
  return files.includes(what);
}

function isOfCommandLine(file: string): boolean {
  return roomOf(file) === COMMAND_LINE;
}

/** Sentences about what breaks a rule; none where all is well. */
function explain(broken: readonly Import[], because: (found: Import) => string): string[] {
  return broken.map((found) => `src/${found.file} imports ${found.what}: ${because(found)}`);
}

describe('the layers', () => {
  it('are read from the source', () => {
    expect(files.length).toBeGreaterThan(150);
    expect(imports.filter(isInside).length).toBeGreaterThan(500);
  });

  it('give every folder and every file its room', () => {
    expect(files.map(roomOf).filter((room) => LAYERS[room] === undefined)).toEqual([]);
  });

  it('let a room import only what stands below it', () => {
    const broken = imports.filter(isInside).filter(({ file, what }) => {
      const [from, to] = [roomOf(file), roomOf(what)];
      return from !== to && LAYERS[from]?.imports.includes(to) !== true;
    });
    expect(explain(broken, ({ file }) => `${roomOf(file)} is ${LAYERS[roomOf(file)]?.is ?? 'in no layer'}`)).toEqual(
      [],
    );
  });

  it('have no circle among their rooms', () => {
    const height = (room: string, above: readonly string[]): number => {
      expect(above, `${[...above, room].join(' → ')} is a circle`).not.toContain(room);
      const below = (LAYERS[room]?.imports ?? []).filter((other) => LAYERS[other] !== undefined);
      return 1 + Math.max(0, ...below.map((other) => height(other, [...above, room])));
    };
    for (const room of Object.keys(LAYERS)) {
      expect(height(room, [])).toBeGreaterThan(0);
    }
  });

  it('open each way out of the process in one room only', () => {
    const broken = imports.filter(({ file, what }) => DOORS[what]?.includes(roomOf(file)) === false);
    expect(explain(broken, ({ what }) => `only ${DOORS[what]?.join(', ') ?? 'nobody'} may`)).toEqual([]);
  });

  it('take clock and chance as parameters: only clock-and-chance.ts asks the system', () => {
    const below = files.filter((file) => !isOfCommandLine(file) && file !== 'clock-and-chance.ts');
    const asked = below.flatMap((file) =>
      (codeOf(file).match(CLOCK_OR_CHANCE) ?? []).map((call) => `src/${file}: ${call}`),
    );
    expect(asked).toEqual([]);
    expect(codeOf('clock-and-chance.ts').match(CLOCK_OR_CHANCE)).toHaveLength(6);
  });

  it('keep what changes files out of spool/', () => {
    const broken = imports.filter(({ file, what }) => roomOf(file) === 'spool' && WRITERS.includes(what));
    expect(explain(broken, () => `spool is ${LAYERS['spool']?.is}`)).toEqual([]);
  });

  it('let no command of the command line import another', () => {
    const commands = join('cli', 'commands');
    const broken = imports.filter(({ file, what }) => dirname(file) === commands && dirname(what) === commands);
    expect(explain(broken, () => `what two commands need belongs into cli/output or cli/options`)).toEqual([]);
  });

  it('leave the options of the command line to it', () => {
    const [inside, below] = [files.filter(isOfCommandLine), files.filter((file) => !isOfCommandLine(file))];
    const options = new Set(inside.flatMap((file) => optionsIn(codeOf(file))));
    expect(options.size).toBeGreaterThan(30);
    const told = below.flatMap((file) =>
      optionsIn(codeOf(file))
        .filter((option) => options.has(option))
        .map((option) => `src/${file} tells of ${option}: a library has no options. A Remedy of errors.ts can say it`),
    );
    expect(told).toEqual([]);
  });
});

describe('every file of the source', () => {
  it('begins with a sentence on what it is', () => {
    const isTold = (file: string): boolean => /^\/\*\*\s[\s\S]*?\*\//u.exec(textOf(file))?.[0].includes('.') === true;
    const lacking = files.filter((file) => !isTold(file));
    expect(lacking).toEqual([]);
  });
});
