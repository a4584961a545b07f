/** Directories in queues where Postfix has none: mended by postsnap, and in a twin beside it by `postsuper -s`. */

import { chownSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { repair } from '../../src/index.ts';
import { formatShortQueueId } from '../../src/queue/queue-id.ts';
import type { RepairOutcome } from '../../src/repair/options.ts';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { queueFile } from '../support/queue/queue-file-builder.ts';

vi.setConfig({ testTimeout: 120_000 });

/** Places of messages and logs, each below directories of some kind. `ID` is the queue ID of the file. */
const MESSAGES = [
  // A level too deep, and two.
  'deferred/1/E/ID',
  'deferred/1/E/0/ID',
  // No level, where there is one.
  'deferred/ID',
  // One, where there is none; and one by no character of an ID.
  'hold/1/ID',
  'incoming/x/ID',
  // Nobody looks there.
  'deferred/XX/ID',
  'hold/a b/ID',
];
const EMPTY = ['deferred/1/F', 'deferred/2', 'active/a', 'bounce/0/0', 'deferred/YY', 'trace/c d', 'maildrop/A'];
const ALIENS = ['deferred/XX', 'hold/a b'];
const QUEUES = ['maildrop', 'incoming', 'active', 'deferred', 'hold', 'defer', 'bounce', 'trace'];

describeWithPostfix('directories where Postfix has none', () => {
  const instances: PostfixInstance[] = [];

  afterEach(async () => {
    for (const instance of instances.splice(0)) {
      await instance.dispose();
    }
  });

  async function planted(): Promise<PostfixInstance> {
    const instance = await createInstance({ parameters: { enable_long_queue_ids: 'no' } });
    instances.push(instance);
    const { queueDirectory } = instance;
    const owner = { uid: instance.queueOwner(), gid: statSync(join(queueDirectory, 'incoming')).gid };
    const make = (path: string): void => {
      for (const at of path.split('/').map((_, index, names) => names.slice(0, index + 1).join('/'))) {
        mkdirSync(join(queueDirectory, at), { recursive: true, mode: 0o700 });
        if (at.includes('/')) {
          chownSync(join(queueDirectory, at), owner.uid, owner.gid);
        }
      }
    };
    EMPTY.forEach(make);
    MESSAGES.forEach((path, number) => {
      make(dirname(path));
      const file = join(queueDirectory, 'draft');
      writeFileSync(
        file,
        queueFile({
          envelope: [
            ['T', `1700000000 ${number}`],
            ['S', path],
            ['R', 'a@example.com'],
          ],
        }),
        {
          mode: 0o700,
        },
      );
      chownSync(file, owner.uid, owner.gid);
      const inode = statSync(file, { bigint: true }).ino;
      const id = formatShortQueueId({ microseconds: 123_000 + number, inode }).text;
      renameSync(file, join(queueDirectory, path.replace('ID', id)));
    });
    return instance;
  }

  /** Where each message is, and all directories. */
  function shape({ queueDirectory }: PostfixInstance): { messages: string[]; directories: string[] } {
    const below = QUEUES.flatMap((queue) =>
      readdirSync(join(queueDirectory, queue), { recursive: true }).map((name) => `${queue}/${String(name)}`),
    );
    const isDirectory = (path: string): boolean => statSync(join(queueDirectory, path)).isDirectory();
    const messages = below.filter((path) => !isDirectory(path));
    const planting = (path: string): string =>
      MESSAGES.find((one) => readFileSync(join(queueDirectory, path), 'latin1').includes(one)) ?? 'none';
    return {
      messages: messages.map((path) => `${planting(path)} is in ${dirname(path)}`).sort(),
      directories: below.filter(isDirectory).sort(),
    };
  }

  it('are emptied and removed as postsuper does, and told where postsuper only warns', async () => {
    const [own, other] = [await planted(), await planted()];
    const told: RepairOutcome[] = [];
    const report = await repair({ configDirectory: own.configDirectory, onFinding: (one) => void told.push(one) });
    const { stderr } = await other.postsuper('-s');
    // By itself it passes trace over.
    await other.postsuper('-s', 'trace');
    expect(shape(own)).toEqual(shape(other));
    expect(shape(own).messages).toEqual(
      [
        'deferred/1/E/ID is in deferred/1',
        'deferred/1/E/0/ID is in deferred/1',
        'deferred/ID is in deferred/1',
        'hold/1/ID is in hold',
        'incoming/x/ID is in incoming',
        'deferred/XX/ID is in deferred/XX',
        'hold/a b/ID is in hold/a b',
      ].sort(),
    );
    const left = told.filter(({ done }) => !done).map(({ finding }) => `${finding.code} ${finding.path}`);
    expect(left.sort()).toEqual(ALIENS.map((path) => `stray-directory ${path}`).sort());
    expect(report.unrepaired).toBe(ALIENS.length);
    const warned = ALIENS.filter((path) => stderr.includes(`remove subdirectory ${path}: Directory not empty`));
    expect(warned).toEqual(ALIENS);
    // Once they are empty nothing is wrong any more.
    expect(await repair({ configDirectory: own.configDirectory })).toMatchObject({
      repaired: 0,
      unrepaired: ALIENS.length,
    });
    for (const alien of ALIENS) {
      const directory = join(own.queueDirectory, alien);
      for (const name of readdirSync(directory)) {
        renameSync(join(directory, name), join(dirname(directory), name));
      }
    }
    expect(await repair({ configDirectory: own.configDirectory })).toMatchObject({ unrepaired: 0 });
    expect(await repair({ configDirectory: own.configDirectory })).toMatchObject({ repaired: 0, unrepaired: 0 });
    const before = shape(own);
    expect(await own.postsuper('-s')).toMatchObject({ status: 0, stderr: '' });
    expect(shape(own)).toEqual(before);
  });
});
