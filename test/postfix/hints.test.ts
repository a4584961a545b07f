/** What is hinted can be pasted, and acts on the instance that the run was about: with a real Postfix beside the default one. */

import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { POSTFIX_REMEDIES, type PostfixRemedy } from '../support/postfix/remedies.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { COMMAND, type CommandResult, postsnap } from '../support/process/command.ts';
import { makeSampleQueue, messagesIn, queueOptions, scratchDirectory } from '../support/queue/sample-queue.ts';

const FAR_AHEAD = new Date(Date.now() + 3 * 86_400_000);

describeWithPostfix('hints of commands of Postfix', () => {
  let scratch: string;
  let archive: string;
  let postfix: PostfixInstance;

  beforeAll(() => {
    scratch = scratchDirectory();
    archive = join(scratch, 'queue.postsnap');
    const source = makeSampleQueue(join(scratch, 'source'));
    const [late, spoilt] = messagesIn(source).filter(({ queueName }) => queueName === 'deferred');
    renameSync(spoilt?.path ?? '', join(source, 'corrupt', spoilt?.queueId ?? ''));
    utimesSync(late?.path ?? '', FAR_AHEAD, FAR_AHEAD);
    expect(postsnap(['backup', '-q', ...queueOptions(source), archive]).status).toBe(0);
    mkdirSync(join(scratch, 'bin'));
    const script = `#!/bin/sh\nexec '${process.execPath}' '${COMMAND}' "$@"\n`;
    writeFileSync(join(scratch, 'bin/postsnap'), script, { mode: 0o755 });
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  beforeEach(async () => {
    postfix = await createInstance({ parameters: { maximal_queue_lifetime: '1s', bounce_queue_lifetime: '1s' } });
  });
  afterEach(() => postfix.dispose());

  const run = (command: string, ...args: string[]) => postsnap([command, '-c', postfix.configDirectory, ...args]);
  const at = (name: string) => join(postfix.queueDirectory, name);

  function paste(line: string) {
    const path = `${join(scratch, 'bin')}:${process.env['PATH'] ?? ''}`;
    const environment = { ...process.env, MAIL_CONFIG: '', PATH: path };
    return spawnSync('bash', ['-c', line], { encoding: 'utf8', env: environment });
  }

  /** All commands that were told, each once. */
  function hinted({ stdout, stderr }: Pick<CommandResult, 'stdout' | 'stderr'>): string[] {
    const told = `${stdout}${stderr}`.replaceAll(/\s*\n\s+/gu, ' ');
    return [...new Set([...told.matchAll(/`(post[a-z]+ [^`]*)`/gu)].map(([, command = '']) => command))];
  }

  it.each<[string, string[], RegExp]>([
    ['a dry run', ['-n'], /^postqueue .*-f$/u],
    ['a restore', [], /^postqueue .*-p$/u],
    ['a dry run into hold', ['-n', '--into', 'hold'], /^postsuper .*-r ID$/u],
    ['a restore into hold', ['--into', 'hold'], /^postsnap release /u],
    ['a restore of what is seen by nobody', ['--queues', 'corrupt'], /^postcat .* FILE$/u],
  ])('of %s', async (_, options, expected) => {
    await postfix.start();
    const told = run('restore', ...options, archive);
    expect([told.status, told.stderr]).toEqual([expect.any(Number), expect.not.stringContaining('fatal')]);
    const commands = hinted(told);
    expect(
      commands.some((command) => expected.test(command)),
      `${told.stdout}${told.stderr}`,
    ).toBe(true);
    expect(commands.filter((command) => !command.includes(` -c ${postfix.configDirectory}`))).toEqual([]);
    run('restore', '-q', '--into', 'hold', archive);
    for (const command of commands) {
      const [held] = messagesIn(postfix.queueDirectory).filter(({ queueName }) => queueName === 'hold');
      const any = messagesIn(postfix.queueDirectory).find(({ queueName }) => queueName === 'corrupt') ?? held;
      const line = command.replace(/ID$/u, held?.queueId ?? 'none').replace(/FILE$/u, any?.path ?? 'none');
      const pasted = paste(line);
      expect([line, pasted.status, pasted.stderr]).toEqual([line, 0, expect.not.stringMatching(/fatal|error/u)]);
    }
  });

  it('of a dry run into directories that are not as they should be: the repair of that queue', () => {
    chmodSync(at('hold'), 0o777);
    const told = run('restore', '-n', archive);
    const repair = hinted(told).find((command) => command.startsWith('postsnap repair '));
    expect(repair, told.stdout).toBe(`postsnap repair -c ${postfix.configDirectory}`);
    expect(paste(repair ?? '')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Mended: [1-9]/mu) });
    expect(run('restore', '-n', archive).stdout).not.toContain('postsnap repair');
  });

  interface Row {
    readonly provoke: () => CommandResult;
    /** What must be told. */
    readonly told: () => string;
    /** Does what was told; what failed before does not fail any more. */
    readonly follow: (command: string) => { readonly status: number | null; readonly stderr: string };
  }

  const ROWS: Readonly<Record<PostfixRemedy, Row>> = {
    'make-queues': {
      provoke: () => {
        rmSync(at('hold'), { recursive: true });
        return run('restore', archive);
      },
      told: () => `postfix -c ${postfix.configDirectory} check`,
      follow: (command) => {
        expect(paste(command).status).toBe(0);
        return run('restore', archive);
      },
    },
    'name-or-make-queue': {
      provoke: () => {
        rmSync(postfix.queueDirectory, { recursive: true });
        mkdirSync(postfix.queueDirectory);
        return run('backup', join(scratch, 'of no queue'));
      },
      told: () => `postfix -c ${postfix.configDirectory} check`,
      follow: (command) => {
        expect(paste(command).status).toBe(0);
        return run('backup', join(scratch, 'of an empty queue'));
      },
    },
    'give-to-mail-owner': {
      provoke: () => {
        chownSync(at('incoming'), 0, 0);
        return run('backup', join(scratch, "of root's"));
      },
      // It is not run: it gives the programs of the machine to their owners, too.
      told: () => `postfix -c ${postfix.configDirectory} set-permissions`,
      follow: () => {
        chownSync(at('incoming'), postfix.queueOwner(), 0);
        return run('backup', join(scratch, "of mail_owner's"));
      },
    },
    'mend-listing': {
      provoke: () => {
        renameSync(at('hold'), at('away'));
        writeFileSync(at('hold'), '');
        return run('release');
      },
      told: () => `postqueue -c ${postfix.configDirectory} -j`,
      follow: (command) => {
        rmSync(at('hold'));
        renameSync(at('away'), at('hold'));
        expect(paste(command).status).toBe(0);
        return run('release');
      },
    },
    'mend-configuration': {
      provoke: () => {
        appendFileSync(join(postfix.configDirectory, 'main.cf'), 'queue_directory = ${nonsense\n');
        return run('backup', join(scratch, 'of a broken main.cf'));
      },
      told: () => `postconf -c ${postfix.configDirectory} -x queue_directory`,
      follow: (command) => {
        expect(paste(command).status).not.toBe(0);
        postfix.writeConfiguration();
        expect(paste(command)).toMatchObject({ status: 0, stderr: '' });
        return run('backup', join(scratch, 'of a mended main.cf'));
      },
    },
  };

  it.each(POSTFIX_REMEDIES)('of a failure: %s', (remedy) => {
    const { provoke, told, follow } = ROWS[remedy];
    const failed = provoke();
    expect(failed.stderr).toContain(`\`${told()}\``);
    expect(failed.status).toBeGreaterThan(1);
    const followed = follow(told());
    expect(followed.stderr).not.toContain('fatal');
    expect([0, 1]).toContain(followed.status);
  });
});
