/** The README's way from an archive to a new machine, run as it is written there, into a Postfix that runs. */

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { backup } from '../../src/index.ts';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { startSink } from '../support/postfix/sink.ts';
import { emptied } from '../support/postfix/target.ts';
import { COMMAND } from '../support/process/command.ts';
import { makeEmptyQueue } from '../support/queue/sample-queue.ts';
import { commandsOf } from '../support/readme-chapter.ts';
import { type VersionQueue, versionQueues } from './version-queue.ts';

/** Numbers that no user of this machine has. */
const OTHER_OWNER = 4101;
const OTHER_SUBMITTER = 4102;
/** The second part of the chapter is for those who can still read the old disk. */
const RESCUE = 'postsnap backup';

describeWithPostfix('the disk is dead', () => {
  const directory = mkdtempSync(join(tmpdir(), 'postsnap-dead-disk-'));
  chmodSync(directory, 0o755);
  let target: PostfixInstance;
  afterEach(() => target.dispose());
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  async function archiveOf(queue: VersionQueue): Promise<string> {
    const queueDirectory = makeEmptyQueue(join(directory, queue.release));
    chmodSync(queueDirectory, 0o755);
    queue.layOut(queueDirectory, { owner: OTHER_OWNER, submitter: OTHER_SUBMITTER });
    const archive = join(directory, `${queue.release}.tar.zst`);
    const overrides = { mail_owner: String(OTHER_OWNER) };
    const report = await backup({ archive, queueDirectory, overrides, workers: 0 });
    expect(report).toMatchObject({ unreadable: [], messages: queue.messages.length });
    return archive;
  }

  /** The steps up to the mail going out; what installs packages only tells what it would. */
  function steps(archive: string): string[] {
    const blocks = commandsOf('The disk is dead');
    const numbered = blocks.slice(
      0,
      blocks.findIndex((block) => block.startsWith(RESCUE)),
    );
    expect(numbered[0]).toContain('apt install postfix');
    return numbered.map((block) => block.replaceAll('/backup/queue.tar.zst', archive));
  }

  function run(step: string) {
    const script = `apt() { echo "apt $*"; }\npostsnap() { '${process.execPath}' '${COMMAND}' "$@"; }\n${step}`;
    const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', script], {
      encoding: 'utf8',
      env: { ...process.env, MAIL_CONFIG: target.configDirectory },
    });
    expect({ status, stderr: status === 0 ? '' : stderr }, step).toEqual({ status: 0, stderr: '' });
    return stdout;
  }

  // The oldest and the newest that there are queues of.
  it.each(versionQueues().filter(({ release }) => ['3.5', '3.11'].includes(release)))(
    'mail of Postfix $release is held first, and goes out, once each',
    async (queue) => {
      const archive = await archiveOf(queue);
      target = await createInstance({
        parameters: {
          maximal_queue_lifetime: '100d',
          bounce_queue_lifetime: '100d',
          hash_queue_depth: '2',
          enable_long_queue_ids: 'yes',
        },
      });
      const sink = await startSink({ port: target.relayPort });
      try {
        await target.start();
        for (const step of steps(archive)) {
          const isLetGo = step.includes('postsuper -H');
          if (isLetGo) {
            expect(sink.deliveries).toEqual([]);
          }
          run(step);
        }
        await emptied(target);
        const got = sink.deliveries
          .filter(({ sender }) => sender !== '')
          .map(({ id, recipient }) => `${id} ${recipient}`);
        const due = queue.messages.flatMap(({ id, toDo }) => toDo.map((recipient) => `${id} ${recipient}`));
        expect(got.sort()).toEqual(due.sort());
      } finally {
        await target.stop();
        await sink.close();
      }
    },
  );
});
