import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { COMMAND } from '../support/process/command.ts';
import { childrenOf, type Running, runToEnd, signalTo, start } from '../support/process/process.ts';
import { faultsOf } from '../support/torture/judge.ts';
import { phaseOf } from '../support/torture/phases.ts';
import { census, messagesOf } from '../support/torture/queue-census.ts';
import { makeArchive, makeQueueDirectory, OWNER, openScratch, optionsFor } from '../support/torture/queues.ts';
import { compiler, describeWith, root } from '../support/torture/requirements.ts';
import { compileShim, type Shim } from '../support/torture/shim.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describeWith([root, compiler], 'the process that works with mail_owner’s rights', () => {
  let scratch: string;
  let source: string;
  let archive: string;
  let made = 0;

  beforeAll(() => {
    scratch = openScratch();
    ({ source, archive } = makeArchive(scratch, 200));
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  function newName(): string {
    made += 1;
    return join(scratch, `made-${made}`);
  }

  function ownerOf(queue: string): { uid: number; gid: number } {
    const { uid, gid } = statSync(join(queue, 'incoming'));
    return { uid, gid };
  }

  /** The process that a run of the command has started to work for it. */
  async function workerOf(running: Pick<Running, 'pid' | 'hasEnded'>): Promise<number> {
    for (;;) {
      const found = childrenOf(running.pid).find((pid) => commandOf(pid).includes('--eval'));
      if (found !== undefined) {
        return found;
      }
      if (running.hasEnded()) {
        throw new Error('it has ended before it was seen');
      }
      await sleep(1);
    }
  }

  function readOf(pid: number, name: string): string {
    try {
      return readFileSync(`/proc/${pid}/${name}`, 'utf8');
    } catch {
      return '';
    }
  }

  function commandOf(pid: number): string {
    return readOf(pid, 'cmdline');
  }

  /** What it may write to, among what is open in it. */
  function writableOf(pid: number): string[] {
    return readdirSync(`/proc/${pid}/fd`)
      .filter((fd) => /^flags:\s*\d*[12]$/mu.test(readOf(pid, `fdinfo/${fd}`)))
      .map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  }

  test('is mail_owner and nobody else, has no terminal, no secret of root’s and no way to write the archive', async () => {
    const environment = { ROOTS_SECRET: 'root alone may know this' };
    const copy = `${newName()}.tar.zst`;
    const open = openSync(join(scratch, 'open-in-root’s-shell'), 'w');
    const running = start(['backup', '-q', ...optionsFor(source), copy], {
      environment,
      descriptors: Array.from({ length: 40 }, () => open),
    });
    const pid = await workerOf(running);
    const [status, stat, secrets] = [readOf(pid, 'status'), readOf(pid, 'stat'), readOf(pid, 'environ')];
    const writable = writableOf(pid);
    const directory = readlinkSync(`/proc/${pid}/cwd`);
    closeSync(open);
    expect(await running.ended).toMatchObject({ status: 0, stderr: '' });
    const { uid, gid } = ownerOf(source);
    expect(status).toMatch(new RegExp(`^Uid:\\t${uid}\\t${uid}\\t${uid}\\t${uid}$`, 'mu'));
    expect(status).toMatch(new RegExp(`^Gid:\\t${gid}\\t${gid}\\t${gid}\\t${gid}$`, 'mu'));
    expect(status).toMatch(/^Groups:\s*$/mu);
    expect(status).toMatch(/^CapEff:\t0+$/mu);
    // proc(5): behind the name come state, parent, group, session and terminal.
    const [, , , session, terminal] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    expect([Number(session), Number(terminal)]).toEqual([pid, 0]);
    expect(secrets).not.toContain('root alone may know this');
    expect(directory).toBe(source);
    // Sockets, the file without a name for the catalogue, and what Node.js has for itself.
    const files = writable.filter((path) => path.startsWith('/') && !path.startsWith('/dev/'));
    expect(files.filter((path) => !/\/\.postsnap\.[0-9a-f]+\.tmp \(deleted\)$/u.test(path))).toEqual([]);
  });

  describe('that is ended', () => {
    let slow: Shim;

    beforeAll(() => {
      slow = compileShim(scratch);
    });

    function restoreSlowly(target: string): Running {
      const environment = slow.environment({ below: target, delayMicroseconds: 2000 });
      return start(['restore', '-q', ...optionsFor(target), archive], { environment });
    }

    async function restoreAgain(target: string): Promise<void> {
      expect(await runToEnd(['restore', '-q', ...optionsFor(target), archive])).toMatchObject({ status: 0 });
      expect(faultsOf(source, target)).toEqual([]);
    }

    async function untilStaging(target: string): Promise<void> {
      while (phaseOf(target) === 'before') {
        await sleep(2);
      }
    }

    test('by somebody, says so, and the same command goes on', async () => {
      const target = makeQueueDirectory(newName());
      const running = restoreSlowly(target);
      await untilStaging(target);
      signalTo(await workerOf(running), 'SIGKILL');
      const { status, stderr } = await running.ended;
      expect([status, stderr]).toEqual([71, expect.stringMatching(/was killed by SIGKILL.*goes on where it stopped/u)]);
      await restoreAgain(target);
    });

    test('by the end of the command, stops at a safe place', async () => {
      const target = makeQueueDirectory(newName());
      const running = restoreSlowly(target);
      await untilStaging(target);
      const worker = await workerOf(running);
      signalTo(running.pid, 'SIGKILL');
      await running.ended;
      while (existsSync(`/proc/${worker}/stat`)) {
        await sleep(10);
      }
      expect(readdirSync(join(target, 'postsnap'))).not.toContain('lock');
      await restoreAgain(target);
    });

    test('by a second interruption, is gone with the command', async () => {
      const target = makeQueueDirectory(newName());
      const running = restoreSlowly(target);
      await untilStaging(target);
      const worker = await workerOf(running);
      signalTo(running.pid, 'SIGINT');
      signalTo(running.pid, 'SIGINT');
      expect(await running.ended).toMatchObject({ status: 130 });
      await sleep(100);
      expect(existsSync(`/proc/${worker}/stat`)).toBe(false);
      await restoreAgain(target);
    });

    test('stops and goes on with the command', async () => {
      const target = makeQueueDirectory(newName());
      // SIGTSTP stops only what somebody of its session outside of its group could continue (setpgid(2)).
      const job = ['-e', 'setpgrp; exec { $ARGV[0] } @ARGV', process.execPath, COMMAND];
      const environment = slow.environment({ below: target, delayMicroseconds: 2000 });
      const child = spawn('perl', [...job, 'restore', '-q', ...optionsFor(target), archive], {
        env: { ...process.env, MAIL_CONFIG: '', ...environment },
      });
      const ended = once(child, 'exit');
      const running = { pid: child.pid ?? 0, hasEnded: () => child.exitCode !== null };
      await untilStaging(target);
      const worker = await workerOf(running);
      const stateOf = (pid: number): string | undefined => /^State:\t(\S)/mu.exec(readOf(pid, 'status'))?.[1];
      signalTo(running.pid, 'SIGTSTP');
      // A process that is at work stops when the processor is next taken from it: maybe after the one that had it stopped.
      while ([running.pid, worker].some((pid) => stateOf(pid) !== 'T')) {
        await sleep(2);
      }
      signalTo(running.pid, 'SIGCONT');
      expect(await ended).toEqual([0, null]);
      expect(faultsOf(source, target)).toEqual([]);
    });
  });

  describe('can’t be had', () => {
    test.each([
      ['setuid', 'CAP_SETUID'],
      ['setgid', 'CAP_SETGID'],
    ])('without the capability %s: it is named, and nothing is changed', (capability, name) => {
      const target = makeQueueDirectory(newName());
      const copy = `${newName()}.tar.zst`;
      for (const words of [
        ['backup', ...optionsFor(source), copy],
        ['restore', ...optionsFor(target), archive],
      ]) {
        const limits = ['--bounding-set', `-${capability}`, '--inh-caps', `-${capability}`];
        const ended = spawnSync('setpriv', [...limits, process.execPath, COMMAND, ...words], { encoding: 'utf8' });
        expect([ended.status, ended.stderr]).toEqual([
          77,
          expect.stringMatching(
            new RegExp(`can't become mail_owner .* it lacks ${name}\\..*Run it as mail_owner`, 'u'),
          ),
        ]);
      }
      expect(existsSync(copy)).toBe(false);
      expect(readdirSync(target)).not.toContain('postsnap');
    });

    test('where the user is not in the namespace', () => {
      const inNamespace = ['--user', '--map-root-user', process.execPath, COMMAND];
      const copy = `${newName()}.tar.zst`;
      const ended = spawnSync('unshare', [...inNamespace, 'backup', ...optionsFor(source), copy], { encoding: 'utf8' });
      expect([ended.status, ended.stderr]).toEqual([77, expect.stringMatching(/^postsnap: fatal: /u)]);
      expect(existsSync(copy)).toBe(false);
    });
  });

  test('runs a Node.js that mail_owner can’t reach', async () => {
    const directory = newName();
    mkdirSync(directory, { mode: 0o700 });
    const node = join(directory, 'node');
    copyFileSync(process.execPath, node);
    chmodSync(node, 0o755);
    const target = makeQueueDirectory(newName());
    const words = ['restore', '-q', ...optionsFor(target), archive];
    const ended = spawnSync(node, [COMMAND, ...words], { encoding: 'utf8' });
    expect([ended.status, ended.stderr]).toEqual([0, '']);
    expect(faultsOf(source, target)).toEqual([]);
  });

  describe('a queue below a directory that mail_owner can’t enter', () => {
    test('is backed up and restored into by root', async () => {
      const closed = newName();
      mkdirSync(closed, { mode: 0o700 });
      const target = makeQueueDirectory(join(closed, 'spool'));
      for (const threads of [[], ['--workers', '0']]) {
        const again = threads.length === 0 ? [] : ['--again', '--into', 'hold'];
        const restore = ['restore', '-q', ...threads, ...again, ...optionsFor(target), archive];
        expect(await runToEnd(restore)).toMatchObject({ status: 0 });
      }
      const copy = `${newName()}.tar.zst`;
      const backup = await runToEnd(['backup', '-q', '-j', ...optionsFor(target), copy]);
      expect(backup).toMatchObject({ status: 0, stderr: '' });
      expect(JSON.parse(backup.stdout)).toMatchObject({ messages: messagesOf(census(target)).length, unreadable: [] });
    });

    test('is refused to mail_owner himself, who is told the directory in the way', async () => {
      const closed = newName();
      mkdirSync(closed, { mode: 0o700 });
      const target = makeQueueDirectory(join(closed, 'spool'));
      const ended = await runToEnd(['restore', ...optionsFor(target), archive], OWNER);
      expect([ended.status, ended.stderr]).toEqual([
        77,
        expect.stringContaining(`${closed} is closed to this user. Run this as root`),
      ]);
    });
  });

  describe('a queue with files that only root can read', () => {
    function makeMixedQueue(): string {
      const queue = newName();
      execFileSync('cp', ['-a', source, queue]);
      const directory = join(queue, 'deferred');
      for (const hash of readdirSync(directory).slice(0, 4)) {
        for (const name of readdirSync(join(directory, hash))) {
          chownSync(join(directory, hash, name), 0, 0);
        }
      }
      const [log] = readdirSync(join(queue, 'defer'), { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.includes('/'),
      );
      chownSync(join(queue, 'defer', String(log)), 0, 0);
      return queue;
    }

    test.each([
      ['all threads', []],
      ['one', ['--workers', '0']],
    ])('is backed up whole by root, in %s, who is told what mends them', async (_, threads) => {
      const queue = makeMixedQueue();
      const copy = `${newName()}.tar.zst`;
      const { status, stdout, stderr } = await runToEnd(['backup', '-j', ...threads, ...optionsFor(queue), copy]);
      expect([status, stderr]).toEqual([
        0,
        expect.stringMatching(/warning: \d+ files of this queue are .* only root can read them, .* chown -R daemon /u),
      ]);
      expect(JSON.parse(stdout)).toMatchObject({ messages: 200, unreadable: [] });
      const target = makeQueueDirectory(newName());
      expect(await runToEnd(['restore', '-q', ...optionsFor(target), copy])).toMatchObject({ status: 0 });
      expect(faultsOf(source, target)).toEqual([]);
    });

    test('is backed up by root but for one that has a second name, which is named with what mends it', async () => {
      const queue = makeMixedQueue();
      const directory = join(queue, 'deferred');
      const [place = ''] = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter(
        (name) => name.includes('/') && lstatSync(join(directory, name)).uid === 0,
      );
      linkSync(join(directory, place), newName());
      const copy = `${newName()}.tar.zst`;
      const { status, stdout } = await runToEnd(['backup', '-j', ...optionsFor(queue), copy]);
      expect(status).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({
        messages: 199,
        unreadable: [
          {
            queue_name: 'deferred',
            queue_id: place.slice(2),
            reason: expect.stringContaining(
              `2 names (hard links), so root does not read it for him: look for the others (find / -xdev -samefile ${join(directory, place)})`,
            ),
          },
        ],
      });
    });

    test('is backed up in part by mail_owner, who is told each of them', async () => {
      const queue = makeMixedQueue();
      const directory = newName();
      mkdirSync(directory, { mode: 0o777 });
      chmodSync(directory, 0o777);
      const ended = await runToEnd(['backup', '-j', ...optionsFor(queue), join(directory, 'a.zst')], ownerOf(queue));
      expect([ended.status, ended.stderr]).toEqual([
        1,
        expect.stringContaining('not in the archive: Permission denied (EACCES)'),
      ]);
    });
  });

  test('is one for each queue that a program works on at once', async () => {
    const [one, other] = [makeQueueDirectory(newName()), makeQueueDirectory(newName())];
    const copies = [`${newName()}.zst`, `${newName()}.zst`];
    const library = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
    const overrides = { mail_owner: 'daemon', setgid_group: 'daemon', hash_queue_names: 'deferred, defer' };
    const program = `
      import { backup, restore } from ${JSON.stringify(library)};
      const [archive, one, other, first, second] = ${JSON.stringify([archive, one, other, ...copies])};
      const overrides = ${JSON.stringify(overrides)};
      const reports = await Promise.all([
        restore({ archive, queueDirectory: one, overrides }),
        restore({ archive, queueDirectory: other, overrides }),
        backup({ archive: first, queueDirectory: ${JSON.stringify(source)}, overrides }),
        backup({ archive: second, queueDirectory: ${JSON.stringify(source)}, overrides }),
      ]);
      console.log(JSON.stringify(reports.map(({ restored, messages }) => restored ?? messages)));
    `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += String(chunk);
    });
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
    expect(JSON.parse(text)).toEqual([200, 200, 200, 200]);
    for (const target of [one, other]) {
      expect(faultsOf(source, target)).toEqual([]);
      const owners = new Set(
        census(target)
          .filter(({ mode }) => mode !== 0o744)
          .map(({ uid }) => uid),
      );
      expect(owners).toEqual(new Set([OWNER.uid]));
    }
  });
});
