import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postsnap } from '../support/process/command.ts';
import {
  makeEmptyQueue,
  makeSampleQueue,
  messagesIn,
  queueOptions,
  scratchDirectory,
} from '../support/queue/sample-queue.ts';
import { commandsOf } from '../support/readme-chapter.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** The code blocks of a language. */
function blocks(language: string): string[] {
  return [...README.matchAll(/^ *```(\w*)\n(.*?)^ *```/gmsu)]
    .filter((match) => match[1] === language)
    .map((match) => match[2] ?? '');
}

let scratch: string;
beforeAll(() => {
  scratch = scratchDirectory();
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

describe('the way to another machine', () => {
  /** Runs the block with a machine named backup that is a directory here, and with a postsnap that may fail. */
  function run(postsnapFunction: string): {
    readonly status: number | null;
    readonly files: string[];
    readonly directory: string;
  } {
    const [block = '', ...more] = blocks('bash');
    expect(more).toEqual([]);
    const directory = mkdtempSync(join(scratch, 'backup-'));
    const script = `
      ssh() { (cd '${directory}' && eval "$2"); }
      ${postsnapFunction}
      ${block}`;
    const { status } = spawnSync('bash', ['-c', script], { cwd: ROOT, env: { ...process.env, MAIL_CONFIG: '' } });
    return { status, files: readdirSync(directory), directory };
  }
  const options = (): string =>
    queueOptions(makeSampleQueue(join(scratch, 'sent')))
      .map((word) => `'${word}'`)
      .join(' ');
  const real = (): string =>
    `postsnap() { if [ "$1" = backup ]; then node '${ROOT}bin/postsnap.js' backup ${options()} -; else node '${ROOT}bin/postsnap.js' "$@"; fi; }`;

  test('brings an archive that is whole', () => {
    const { status, files, directory } = run(real());
    expect([status, files]).toEqual([0, ['queue.tar.zst']]);
    expect(postsnap(['verify', join(directory, 'queue.tar.zst')]).status).toBe(0);
  });

  test.each([
    ['a backup that fails at once', 'return 74'],
    ['a backup that is cut off', 'return 143'],
    ['a backup that is cut off and says that all is well', 'return 0'],
  ])('never gives the name to what is not whole: %s', (_, end) => {
    const cut = real().replace(/backup (.*) -; else/u, `backup $1 - | head -c 2000; ${end}; else`);
    const { status, files } = run(cut);
    expect(status).not.toBe(0);
    expect(files).toEqual(['queue.tar.zst.part']);
  });
});

describe('one that was deleted by mistake', () => {
  test('is back, alone, and once more if it was restored before', () => {
    const queue = makeSampleQueue(join(scratch, 'deleted from'));
    const archive = join(scratch, 'before.tar.zst');
    postsnap(['backup', ...queueOptions(queue), archive]);
    const [deleted] = messagesIn(queue).filter(({ queueName }) => queueName === 'deferred');
    const [find = '', restore = '', again = '', ...more] = commandsOf('I deleted one by mistake');
    expect(more).toEqual([]);
    const quoted = queueOptions(queue).map((word) => `'${word}'`);
    const run = (block: string) =>
      spawnSync('bash', ['-c', `postsnap() { node '${ROOT}bin/postsnap.js' "$@"; }\n${block}`], {
        encoding: 'utf8',
        env: { ...process.env, MAIL_CONFIG: '' },
      });
    const here = (block: string) =>
      block
        .replaceAll('/backup/queue.tar.zst', archive)
        .replace('8D3F512345', deleted?.queueId ?? '')
        .replace('postsnap restore', `postsnap restore ${quoted.join(' ')}`);
    const others = messagesIn(queue).filter(({ path }) => path !== deleted?.path);

    expect(run(here(find)).stdout).toContain(deleted?.queueId);
    for (const [block, told] of [
      [restore, /^Restored 1 message /mu],
      [restore, /^Restored 0 messages /mu],
      [again, /^Restored 1 message /mu],
    ] as const) {
      for (const { path } of messagesIn(queue).filter((file) => !others.some(({ path }) => path === file.path))) {
        rmSync(path);
      }
      const { status, stdout, stderr } = run(here(block));
      expect({ status, stderr }, block).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(told);
    }
    expect(messagesIn(queue)).toHaveLength(others.length + 1);
    expect(messagesIn(queue)).toEqual(expect.arrayContaining(others));
  });
});

describe('the nightly chapter', () => {
  const chapter = README.slice(README.indexOf('\n## Every night\n'), README.indexOf('\n## Look inside\n'));

  test('is three commands, which do as they say', () => {
    const [, block = ''] =
      /^Three commands:\n*```sh\n(.*?)^```/msu.exec(chapter.replace(/.* (?=Three commands:)/u, '')) ?? [];
    const store = join(scratch, 'backup', 'postsnap');
    mkdirSync(join(scratch, 'backup'));
    const options = queueOptions(makeSampleQueue(join(scratch, 'nightly')))
      .map((word) => `'${word}'`)
      .join(' ');
    // The chapter means the queue of the machine and a disk of its own; here both are directories.
    const commands = block.trimEnd().replaceAll('/backup/postsnap', store).split('\n');
    expect(commands).toHaveLength(3);
    const script = `set -e
      postsnap() { if [ "$1" = backup ]; then set -- "$@" ${options}; fi; node '${ROOT}bin/postsnap.js' "$@"; }
      ${commands.join('\n')}`;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/Read back.*^POSTSNAP OK/msu);
    expect(postsnap(['snapshots', '-j', '--store', store]).stdout.trimEnd().split('\n')).toHaveLength(1);
  });

  test.each([
    ['--wait', 'backup'],
    ['--nice', 'backup'],
    ['--ping', 'backup'],
    ['--ping', 'drill'],
    ['--ping', 'prune'],
    ['--metrics-file', 'backup'],
  ])('tells of %s, which %s has', (option, command) => {
    expect(chapter).toContain(option);
    expect(postsnap([command, '--help']).stdout).toContain(`  ${option} `);
  });
});

describe('the example of the library', () => {
  test('is there once, and runs', () => {
    const [example = '', ...more] = blocks('js');
    expect(more).toEqual([]);
    const source = makeSampleQueue(join(scratch, 'source'));
    const target = makeEmptyQueue(join(scratch, 'target'));
    const archive = join(scratch, 'queue.tar.zst');
    const settings = (directory: string) => {
      const [, queueDirectory, ...overrides] = queueOptions(directory);
      const pairs = overrides.filter((text) => text !== '-o').map((text) => text.split('='));
      return JSON.stringify({ queueDirectory, overrides: Object.fromEntries(pairs) });
    };
    // The example takes the defaults of the machine; here it gets queues of its own.
    const code = example
      .replace("backup({ archive: '/backup/queue.tar.zst' })", `backup({ archive: A, ...${settings(source)} })`)
      .replace("into: 'hold'", `...${settings(target)}, into: 'hold'`)
      .replaceAll("'/backup/queue.tar.zst'", 'A');
    // Within the package, so that its own name means the package.
    const file = join(ROOT, 'dist', `readme-example-${process.pid}.mjs`);
    writeFileSync(file, `const A = ${JSON.stringify(archive)};\n${code}`);
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
      encoding: 'utf8',
      env: { ...process.env, MAIL_CONFIG: '' },
    });
    rmSync(file);
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    const messages = messagesIn(source);
    expect(stdout).toContain(`${messages.length} messages taken; the queue was seen whole\n`);
    for (const { queueName, queueId } of messages) {
      expect(stdout).toContain(`${queueName} ${queueId} `);
    }
    const submissions = messages.filter((file) => file.queueName === 'maildrop').length;
    expect(stdout).toContain(`${messages.length - submissions} messages would be put on hold\n`);
    expect(messagesIn(target)).toEqual([]);
  });
});

describe('the commands', () => {
  test('use options that there are', () => {
    const commands = blocks('sh')
      .join('\n')
      .split('\n')
      .flatMap(
        (line) =>
          /\bpostsnap (backup|restore|release|list|cat|verify|info|snapshots|prune|pin|check)\b[^#|]*/u.exec(
            line,
          )?.[0] ?? [],
      );
    expect(commands.length).toBeGreaterThan(10);
    const help = new Map<string, string>();
    for (const command of commands) {
      const [, name = ''] = /postsnap (\w+)/u.exec(command) ?? [];
      const text = help.get(name) ?? postsnap([name, '--help']).stdout;
      help.set(name, text);
      for (const [option] of command.matchAll(/(?<=\s)--?[a-z][a-z-]*/gu)) {
        expect(text, `${command}: ${option}`).toMatch(new RegExp(`^ +(-\\w, )?${option}\\b`, 'mu'));
      }
    }
  });

  test.each(['--into', '--map', '--queues', '--salvage', '--release-held', '--dry-run'])(
    '%s is one of restore',
    (option) => {
      expect(README).toContain(option);
      expect(postsnap(['restore', '--help']).stdout).toContain(option);
    },
  );
});

test('the table of exit statuses is that of the help', () => {
  const told = [...README.matchAll(/^\| ([\d, ]+) \| /gmu)].map((match) => match[1]);
  const { stdout } = postsnap(['backup', '--help']);
  const known = [...stdout.slice(stdout.indexOf('Exit status:')).matchAll(/^ {2}([\d, ]+?) {2,}/gmu)].map(
    (match) => match[1],
  );
  expect(told).toEqual(known);
});
