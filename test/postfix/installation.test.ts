import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../../src/fs/command.ts';
import { nodeFileSystem } from '../../src/fs/node-file-system.ts';
import { readConfiguration } from '../../src/postfix/configuration.ts';
import { isPostfixRunning } from '../../src/postfix/running.ts';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';

describeWithPostfix('what the installation says', () => {
  let instance: PostfixInstance;
  beforeAll(async () => {
    instance = await createInstance({
      parameters: {
        hash_queue_names: 'deferred $own_name',
        own_name: 'active',
        hash_queue_depth: '2',
        enable_long_queue_ids: 'yes',
        minimal_backoff_time: '2m',
      },
    });
  });
  afterAll(() => instance.dispose());

  it('is read, expanded and overridden', () => {
    const configDirectory = instance.configDirectory;
    const configuration = readConfiguration({ configDirectory, overrides: { own_name: 'hold' } });
    expect(configuration).toMatchObject({
      queueDirectory: instance.queueDirectory,
      configDirectory,
      mailOwner: 'postfix',
      layout: { hashQueueNames: new Set(['deferred', 'hold']), hashQueueDepth: 2 },
      enableLongQueueIds: true,
      minimalBackoffSeconds: 120,
      myhostname: 'mail.example.com',
      mailVersion: expect.stringMatching(/^\d+\.\d+/u),
    });
  });

  it('includes the reason when postconf refuses', () => {
    expect(() => readConfiguration({ configDirectory: `${instance.configDirectory}/missing` })).toThrow(
      expect.objectContaining({ code: 'configuration', message: expect.stringContaining('main.cf') }),
    );
  });

  it('is running while its master lives, by every way of telling, though its lock file stays behind', async () => {
    const { queueDirectory, configDirectory } = instance;
    const without = (missing: readonly string[]) => (command: string, words: readonly string[]) =>
      missing.includes(command) ? undefined : runCommand(command, words);
    const answers = () =>
      [[], ['flock', 'lockf'], ['flock', 'lockf', 'postfix']].map((missing) =>
        isPostfixRunning({ queueDirectory, configDirectory }, { fs: nodeFileSystem, run: without(missing) }),
      );
    await instance.start();
    expect(answers()).toEqual([
      { running: true, by: 'flock' },
      { running: true, by: 'postfix status' },
      { running: true, by: '/proc/locks' },
    ]);
    await instance.stop();
    expect(nodeFileSystem.lstat(`${queueDirectory}/pid/master.pid`)?.type).toBe('file');
    expect(answers()).toEqual([
      { running: false, by: 'flock' },
      { running: false, by: '/proc/locks' },
      { running: false, by: '/proc/locks' },
    ]);
  });
});
