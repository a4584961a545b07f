/** The command, on queues of a mail_owner who is not root. */

import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runToEnd } from '../support/process/process.ts';
import { messagesIn } from '../support/queue/sample-queue.ts';
import { portrait } from '../support/torture/queue-census.ts';
import { makeFullQueue, OWNER, openScratch, optionsFor } from '../support/torture/queues.ts';
import { describeWith, program, root } from '../support/torture/requirements.ts';

vi.setConfig({ testTimeout: 120_000 });

const MESSAGES = 60;

function hexadecimal(inode: number): string {
  return inode.toString(16).toUpperCase();
}

interface Report {
  readonly checked: number;
  readonly repaired: number;
  readonly unrepaired: number;
  readonly dry_run: boolean;
  readonly notes: string | null;
  readonly findings: readonly {
    readonly kind: string;
    readonly path: string;
    readonly action: string;
    readonly queue_id: string;
  }[];
}

describeWith([root], 'postsnap repair', () => {
  let scratch: string;
  let source: string;
  let queues = 0;

  beforeAll(() => {
    scratch = openScratch();
    source = makeFullQueue(join(scratch, 'source'), MESSAGES);
  });
  afterAll(() => rmSync(scratch, { recursive: true }));

  /** As `cp -a` or tar leave a queue: all inodes are new. */
  function copiedQueue(): string {
    queues += 1;
    const path = join(scratch, `queue-${queues}`);
    cpSync(source, path, { recursive: true, preserveTimestamps: true });
    chownAll(path, OWNER);
    chownSync(path, 0, 0);
    chmodSync(path, 0o755);
    return path;
  }

  function chownAll(path: string, { uid, gid }: { readonly uid: number; readonly gid: number }): void {
    chownSync(path, uid, gid);
    for (const name of readdirSync(path, { recursive: true })) {
      chownSync(join(path, String(name)), uid, gid);
    }
  }

  async function repair(
    queue: string,
    ...options: readonly string[]
  ): Promise<{ status: number | null; report: Report }> {
    const { status, stdout, stderr } = await runToEnd(['repair', '-j', ...optionsFor(queue), ...options]);
    expect(stdout, stderr).not.toBe('');
    return { status, report: JSON.parse(stdout) as Report };
  }

  async function mended(queue: string): Promise<Report> {
    const first = await repair(queue);
    expect(first).toMatchObject({ status: 0, report: { unrepaired: 0 } });
    const second = await repair(queue);
    expect(second).toMatchObject({ status: 0, report: { repaired: 0, findings: [] } });
    const files = messagesIn(queue);
    expect(files).toHaveLength(MESSAGES);
    for (const { path, queueId } of files) {
      const { ino, uid, nlink } = statSync(path);
      expect(queueId.slice(5)).toBe(hexadecimal(ino));
      expect({ uid, nlink }).toEqual({ uid: OWNER.uid, nlink: 1 });
    }
    return first.report;
  }

  it('gives a copied queue its names, and makes what is missing', async () => {
    const queue = copiedQueue();
    const report = await mended(queue);
    const kinds = new Set(report.findings.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(['directory-rights', 'missing-directory', 'name-inode']);
    expect(statSync(join(queue, 'maildrop')).mode & 0o777).toBe(0o730);
    expect(statSync(join(queue, 'pid'))).toMatchObject({ uid: 0 });
    expect(statSync(join(queue, 'public'))).toMatchObject(OWNER);
  });

  it('changes nothing with -n, and tells what it would do', async () => {
    const queue = copiedQueue();
    const before = portrait(queue);
    const { status, report } = await repair(queue, '-n');
    expect(status).toBe(1);
    expect(report).toMatchObject({ dry_run: true, repaired: 0 });
    expect(report.findings.filter(({ action }) => action === 'rename')).toHaveLength(MESSAGES);
    expect(portrait(queue)).toEqual(before);
  });

  it('mends what chown -R root made', async () => {
    const queue = copiedQueue();
    chownAll(queue, { uid: 0, gid: 0 });
    const report = await mended(queue);
    expect(report.findings.filter(({ kind }) => kind === 'owner').length).toBeGreaterThan(MESSAGES - 1);
  });

  it('mends what chown -R mail_owner made of the queue directory itself', async () => {
    const queue = copiedQueue();
    chownAll(queue, OWNER);
    await mended(queue);
    expect(statSync(queue)).toMatchObject({ uid: 0 });
  });

  it.each(['777', '755', '644', '600'])('mends what chmod -R %s made', async (mode) => {
    const queue = copiedQueue();
    for (const name of readdirSync(queue, { recursive: true }).map(String)) {
      const path = join(queue, name);
      chmodSync(path, statSync(path).isDirectory() ? 0o700 : Number.parseInt(mode, 8));
    }
    chmodSync(join(queue, 'deferred'), Number.parseInt(mode, 8));
    await mended(queue);
    for (const { path, queueName } of messagesIn(queue)) {
      expect(statSync(path).mode & 0o777).toBe(queueName === 'maildrop' ? 0o744 : 0o700);
    }
  });

  it('moves what Postfix would call corrupt aside, whole', async () => {
    const queue = copiedQueue();
    const [victim] = messagesIn(queue).filter(({ queueName }) => queueName === 'incoming');
    const content = readFileSync(victim?.path ?? '').subarray(0, -4);
    writeFileSync(victim?.path ?? '', content);
    const { report } = await repair(queue);
    const [aside, ...others] = readdirSync(join(queue, 'corrupt'));
    expect(readFileSync(join(queue, 'corrupt', aside ?? ''))).toEqual(content);
    expect(others).toEqual([]);
    const from = victim?.path.slice(queue.length + 1);
    const note = readFileSync(join(queue, 'postsnap/moved-to-corrupt.txt'), 'utf8');
    expect(note.split('\n')).toEqual([expect.stringContaining(`Z corrupt/${aside} was ${from}: no end record`), '']);
    expect(report.notes).toBe(join(queue, 'postsnap/moved-to-corrupt.txt'));
    // A backup takes the message, and nothing else.
    const archive = join(scratch, 'aside.tar.zst');
    expect(await runToEnd(['backup', ...optionsFor(queue), archive])).toMatchObject({ status: 0 });
  });

  it('leaves alone what is no queue file, and names it', async () => {
    const queue = copiedQueue();
    await repair(queue);
    writeFileSync(join(queue, 'deferred/notes.txt'), 'mine');
    mkdirSync(join(queue, 'maildrop/A'));
    symlinkSync('/etc/passwd', join(queue, 'hold/ABCDE12345'));
    const { status, report } = await repair(queue);
    expect(status).toBe(1);
    expect(report.findings.map(({ kind, path }) => `${kind} ${path}`).sort()).toEqual([
      'no-queue-file deferred/notes.txt',
      'no-queue-file hold/ABCDE12345',
      'stray-directory maildrop/A',
    ]);
    expect(readFileSync(join(queue, 'deferred/notes.txt'), 'utf8')).toBe('mine');
  });

  it('removes logs without a message only when it is asked to', async () => {
    const queue = copiedQueue();
    await repair(queue);
    const log = join(queue, 'bounce/ABCDE12345');
    writeFileSync(log, 'somebody’s', { mode: 0o600 });
    chownSync(log, OWNER.uid, OWNER.gid);
    expect(await repair(queue)).toMatchObject({
      status: 0,
      report: { findings: [{ kind: 'orphan-log', action: 'none' }] },
    });
    expect(statSync(log).isFile()).toBe(true);
    expect(await repair(queue, '--remove-orphans')).toMatchObject({ status: 0, report: { repaired: 1 } });
    expect(() => statSync(log)).toThrow('ENOENT');
  });

  it('does only what it is asked to', async () => {
    const queue = copiedQueue();
    rmdirSync(join(queue, 'trace'));
    const { report } = await repair(queue, '--only', 'directories');
    expect(new Set(report.findings.map(({ kind }) => kind))).toEqual(
      new Set(['missing-directory', 'directory-rights']),
    );
    expect(statSync(join(queue, 'trace'))).toMatchObject({ uid: OWNER.uid });
    expect(await runToEnd(['repair', ...optionsFor(queue), '--only', 'everything'])).toMatchObject({ status: 64 });
  });

  it('keeps times that Postfix goes by', async () => {
    const queue = copiedQueue();
    const [old] = messagesIn(queue).filter(({ queueName }) => queueName === 'deferred');
    utimesSync(old?.path ?? '', 1_600_000_000, 1_600_000_000);
    await mended(queue);
    // To 1 µs, as the system's call of Node.js keeps them.
    const times = messagesIn(queue).map(({ path }) => Math.trunc(statSync(path).mtimeMs));
    expect(times.filter((time) => time === 1_600_000_000_000)).toHaveLength(1);
  });

  it('is for root and mail_owner', async () => {
    const queue = copiedQueue();
    expect(await runToEnd(['repair', '-n', ...optionsFor(queue)], { uid: 65_534, gid: 65_534 })).toMatchObject({
      status: 77,
    });
    expect(await runToEnd(['repair', '-n', ...optionsFor(queue)], OWNER)).toMatchObject({ status: 1, stderr: '' });
    await repair(queue, '--only', 'directories');
    chmodSync(join(queue, 'hold'), 0o755);
    const { status, stderr } = await runToEnd(['repair', ...optionsFor(queue)], OWNER);
    expect(stderr).toContain('only root can do that');
    expect(status).toBe(1);
    expect(messagesIn(queue).every(({ path, queueId }) => queueId.endsWith(hexadecimal(statSync(path).ino)))).toBe(
      true,
    );
  });

  describe('what it can not see or mend', () => {
    const logsIn = (queue: string): string[] =>
      readdirSync(join(queue, 'defer'), { recursive: true })
        .map(String)
        .filter((name) => statSync(join(queue, 'defer', name)).isFile())
        .sort();
    const inDeferred = (queue: string) => messagesIn(queue).filter(({ queueName }) => queueName === 'deferred');
    const told = ({ findings }: Report): string[] => findings.map(({ kind, path }) => `${kind} ${path}`).sort();

    async function mendedQueue(): Promise<string> {
      const queue = copiedQueue();
      await repair(queue);
      return queue;
    }

    it('keeps logs of messages that it could not see', async () => {
      const queue = await mendedQueue();
      const [message] = inDeferred(queue);
      const hidden = dirname(message?.path ?? '');
      chownSync(hidden, 0, 0);
      chmodSync(hidden, 0o700);
      const before = logsIn(queue);
      const { status, report } = await repair(queue, '--only', 'logs', '--remove-orphans');
      expect({ status, repaired: report.repaired }).toEqual({ status: 0, repaired: 0 });
      expect(logsIn(queue)).toEqual(before);
      expect(before.length).toBeGreaterThan(0);
    });

    it('tells of a queue that it can not list', async () => {
      const queue = await mendedQueue();
      chownSync(join(queue, 'deferred'), 0, 0);
      const { status } = await repair(queue, '--only', 'names');
      expect(status).toBe(0);
      const all = await repair(queue, '-n');
      expect(all.status).toBe(1);
      expect(told(all.report)).toContain('directory-rights deferred');
    });

    it('leaves a message ready whose new place can not be had, and makes no journal of it', async () => {
      const queue = await mendedQueue();
      const [message] = inDeferred(queue);
      const id = message?.queueId ?? '';
      const hash = join(queue, 'deferred', id[0] ?? '');
      const misplaced = join(queue, 'deferred', id);
      renameSync(message?.path ?? '', misplaced);
      utimesSync(misplaced, 1_600_000_000, 1_600_000_000);
      // Others of that hash directory would be gone with it.
      renameSync(hash, `${hash}-aside`);
      writeFileSync(hash, 'a file');
      chownSync(hash, OWNER.uid, OWNER.gid);
      for (let run = 0; run < 2; run += 1) {
        const { status, report } = await repair(queue);
        expect(status).toBe(1);
        expect(report.unrepaired).toBeGreaterThan(0);
        expect(statSync(misplaced)).toMatchObject({
          mode: 0o100700,
          mtimeMs: 1_600_000_000_000,
        });
        expect(readdirSync(join(queue, 'postsnap')).filter((name) => name.includes('staged'))).toEqual([]);
      }
      rmSync(hash);
      renameSync(`${hash}-aside`, hash);
      expect(await repair(queue)).toMatchObject({ status: 0, report: { unrepaired: 0 } });
      expect(messagesIn(queue).map(({ path }) => Math.trunc(statSync(path).mtimeMs))).toContain(1_600_000_000_000);
    });

    it('goes on beside a name that no hash directory of Postfix has', async () => {
      const queue = copiedQueue();
      mkdirSync(join(queue, 'deferred/-'));
      const { status, report } = await repair(queue);
      expect(status).toBe(1);
      expect(report.repaired).toBeGreaterThan(MESSAGES);
      expect(statSync(join(queue, 'deferred/-'))).toMatchObject({ uid: 0 });
    });

    it('does not say of a mode that it is mended where the owner was not to be', async () => {
      const queue = await mendedQueue();
      const path = inDeferred(queue)[0]?.path ?? '';
      chownSync(path, 0, 0);
      chmodSync(path, 0o750);
      expect(await repair(queue, '--only', 'modes')).toMatchObject({
        status: 1,
        report: { repaired: 0, unrepaired: 1 },
      });
      expect(statSync(path)).toMatchObject({ uid: 0, mode: 0o100750 });
      await mended(queue);
      expect(statSync(path)).toMatchObject({ uid: OWNER.uid, mode: 0o100700 });
    });

    it('mends a file that its own owner may not read', async () => {
      const queue = await mendedQueue();
      const path = inDeferred(queue)[0]?.path ?? '';
      chmodSync(path, 0);
      await repair(queue);
      await mended(queue);
      expect(statSync(path).mode & 0o777).toBe(0o700);
    });

    it('makes what lies in corrupt mail_owner’s, and nobody else’s to read', async () => {
      const queue = await mendedQueue();
      const path = join(queue, 'maildrop', 'ABCDE12345');
      writeFileSync(path, 'no mail');
      chownSync(path, 65_534, 65_534);
      chmodSync(path, 0o744);
      await repair(queue);
      const [aside = ''] = readdirSync(join(queue, 'corrupt'));
      expect(statSync(join(queue, 'corrupt', aside))).toMatchObject({ uid: OWNER.uid, mode: 0o100400 });
      const note = readFileSync(join(queue, 'postsnap/moved-to-corrupt.txt'), 'utf8');
      expect(note).toContain(`corrupt/${aside} was maildrop/ABCDE12345: `);
      chownSync(join(queue, 'corrupt', aside), 0, 0);
      expect(await repair(queue)).toMatchObject({ status: 0, report: { repaired: 1 } });
      expect(statSync(join(queue, 'corrupt', aside))).toMatchObject({ uid: OWNER.uid });
    });

    it('names a file whose name is no text', async () => {
      const queue = await mendedQueue();
      writeFileSync(Buffer.concat([Buffer.from(`${queue}/deferred/`), Buffer.from([0xff, 0xfe])]), 'x');
      const { status, report } = await repair(queue);
      expect({ status, kinds: report.findings.map(({ kind }) => kind) }).toEqual({ status: 1, kinds: ['unreadable'] });
    });

    it('names a message in a directory whose name is none of Postfix’s, and locks nothing', async () => {
      const queue = copiedQueue();
      await mended(queue);
      const odd = join(queue, 'deferred/é');
      mkdirSync(odd, { mode: 0o700 });
      chownAll(odd, OWNER);
      const message = messagesIn(queue).find(({ queueName }) => queueName === 'deferred');
      renameSync(message?.path ?? '', join(odd, message?.queueId ?? ''));
      for (const _ of [1, 2]) {
        const { status, report } = await repair(queue);
        expect({ status, ...report }).toMatchObject({ status: 1, repaired: 0, unrepaired: 1 });
      }
      expect(readdirSync(odd)).toEqual([message?.queueId]);
      expect(await runToEnd(['restore', '--abandon', ...optionsFor(queue)])).toMatchObject({
        status: 0,
        stdout: expect.stringContaining('no restore waits'),
      });
    });

    it('tells of the staging that it sweeps', async () => {
      const queue = await mendedQueue();
      const left = join(queue, 'postsnap/20260101T000000Z-abc.staged');
      mkdirSync(left);
      chownSync(left, OWNER.uid, OWNER.gid);
      const { report } = await repair(queue);
      expect(told(report)).toEqual(['staging postsnap/20260101T000000Z-abc.staged']);
      expect(readdirSync(join(queue, 'postsnap'))).not.toContain('20260101T000000Z-abc.staged');
    });

    it('prints a command that mends this very queue', async () => {
      const queue = copiedQueue();
      const { stdout } = await runToEnd(['repair', '-n', ...optionsFor(queue)]);
      expect(stdout).toContain(`--queue-directory ${queue}`);
    });
  });

  describeWith([program('flock', '--version')], 'while Postfix runs', () => {
    it('does nothing, and -n warns', async () => {
      const queue = copiedQueue();
      mkdirSync(join(queue, 'pid'));
      closeSync(openSync(join(queue, 'pid/master.pid'), 'w'));
      const master = spawn('flock', [join(queue, 'pid/master.pid'), 'sleep', '60'], {
        stdio: 'ignore',
        detached: true,
      });
      try {
        await vi.waitFor(async () => {
          const { status, stderr } = await runToEnd(['repair', ...optionsFor(queue)]);
          expect({ status, stderr }).toMatchObject({ status: 75, stderr: expect.stringContaining('Stop Postfix') });
        }, 60_000);
        const before = portrait(queue);
        const { stderr } = await runToEnd(['repair', '-n', ...optionsFor(queue)]);
        expect(stderr).toContain('may be told wrongly');
        expect(portrait(queue)).toEqual(before);
      } finally {
        process.kill(-(master.pid ?? 0), 'SIGKILL');
      }
    });
  });
});
