import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { archiveOf, runningTarget } from '../support/postfix/at-work.ts';
import { run } from '../support/postfix/command.ts';
import type { PostfixInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { countsOf, NOBODY, submitDeferred } from '../support/postfix/small-queue.ts';
import { emptied } from '../support/postfix/target.ts';
import { COMMAND } from '../support/process/command.ts';
import { marked, small } from './estate-messages.ts';
import { letter } from './fixture-messages.ts';

const DEFERRED = Array.from({ length: 60 }, (_, index) => `deferred-${index}`);
const HELD = ['held-0', 'held-1'];
const FEWEST_SUBMITTED = 4;
const SUBMITTED = Array.from({ length: 10 }, (_, index) => `submitted-${index}`);

// The built command, in a process of its own: this one plays everybody else.
describeWithPostfix('into a Postfix that runs, woken all the time', () => {
  const directory = mkdtempSync(join(tmpdir(), 'postsnap-running-'));
  const archive = join(directory, 'queue.postsnap');

  beforeAll(() =>
    archiveOf(archive, async (source) => {
      const queueIds = await submitDeferred(source, [...DEFERRED, ...HELD]);
      await source.stop();
      for (const id of queueIds.slice(DEFERRED.length)) {
        await source.postsuper('-h', id);
      }
      for (const id of SUBMITTED) {
        await submitByUser(source, id);
      }
    }),
  );

  afterAll(() => rmSync(directory, { recursive: true }));

  it.each(['queues', 'maildrop'])('into %s: each recipient gets each message once', async (into) => {
    const { target, receiver } = await runningTarget();
    const bustle = new Bustle(target);
    const args = ['restore', '-c', target.configDirectory, '--into', into, '--json', archive];
    const first = await run(process.execPath, [COMMAND, ...args]);
    const second = await run(process.execPath, [COMMAND, ...args]);
    const own = await bustle.end();
    await emptied(target);
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(first.stdout)).toMatchObject({ restored: 72, already_present: 0, failed: 0, warnings: [] });
    expect(second).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(second.stdout)).toMatchObject({ restored: 0, failed: 0 });

    expect(receiver.counts()).toEqual(countsOf([...DEFERRED, ...SUBMITTED, ...own], 1));
    expect((await target.postqueue()).map(({ queue_name, sender }) => `${queue_name} ${sender}`).sort()).toEqual(
      HELD.map((id) => `hold ${id}@example.com`),
    );
    expect(complaintsIn(target.log())).toEqual([]);
  });
});

async function submitByUser(postfix: PostfixInstance, id: string): Promise<void> {
  const user = { uid: NOBODY, gid: postfix.queueGroup() };
  const text = marked(id, letter({ subject: id, body: 'By a user.' }));
  await postfix.submitSendmail(['-i', '-f', `${id}@example.com`, 'bob@example.org'], text, user);
}

/** Mail that comes in, queue runs and reloads, until it is told to end. */
class Bustle {
  readonly #postfix: PostfixInstance;
  readonly #submitted: string[] = [];
  readonly #loops: readonly Promise<void>[];
  #isOver = false;

  constructor(postfix: PostfixInstance) {
    this.#postfix = postfix;
    this.#loops = [
      this.#repeat(30, () => this.#postfix.flush()),
      this.#repeat(700, () => this.#postfix.reload()),
      this.#repeat(50, () => this.#submit()),
    ];
  }

  /** Returns what was submitted meanwhile; on a fast machine it goes on for a while. */
  async end(): Promise<readonly string[]> {
    while (this.#submitted.length < FEWEST_SUBMITTED) {
      await sleep(20);
    }
    this.#isOver = true;
    await Promise.all(this.#loops);
    return this.#submitted;
  }

  async #repeat(pauseMs: number, act: () => Promise<void>): Promise<void> {
    while (!this.#isOver) {
      await act();
      await sleep(pauseMs);
    }
  }

  /** Each submission wakes pickup(8) or the queue manager. */
  async #submit(): Promise<void> {
    const id = `own-${this.#submitted.length}`;
    this.#submitted.push(id);
    if (this.#submitted.length % 2 === 0) {
      await submitByUser(this.#postfix, id);
    } else {
      await this.#postfix.submitSmtp(small(id));
    }
  }
}

/**
 * None of ours: what a reload does to talks between daemons, and what postsuper(1), which `postfix start` leaves in the
 * background (postfix-script), says of a file that postdrop(1) is writing: its name is a time and a process ID.
 */
const OTHERS = /problem talking to service|bogus file name: maildrop\/\d+\.\d+$/u;

function complaintsIn(log: string): string[] {
  return log.split('\n').filter((line) => /(?:warning|error|fatal|panic):/u.test(line) && !OTHERS.test(line));
}
