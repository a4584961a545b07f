import { describe, expect, it } from 'vitest';
import type { CommandOutcome } from '../../../src/fs/command.ts';
import { type ConfigurationOptions, readConfiguration } from '../../../src/postfix/configuration.ts';
import { Faults, faultyFileSystem } from '../../support/disk/faults.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { makeDirectories, putFile } from '../../support/disk/tree.ts';

const answered = (stdout: string): CommandOutcome => ({ status: 0, stdout, stderr: '' });

/** Reads a configuration where postconf gives this answer (undefined: it is not installed); /q and /link are queues. */
function read(options: ConfigurationOptions, outcome: CommandOutcome | undefined, faults = new Faults()) {
  const disk = new SimulatedFileSystem();
  makeDirectories(disk, '/q');
  putFile(disk, '/file', {});
  disk.symlink('/q', '/link');
  const calls: string[] = [];
  const run = (command: string, words: readonly string[]) => {
    calls.push([command, ...words].join(' '));
    return outcome;
  };
  const configuration = readConfiguration(options, { fs: faultyFileSystem(disk, faults), run });
  return { configuration, calls };
}

function refusal(options: ConfigurationOptions, outcome: CommandOutcome | undefined, faults?: Faults): unknown {
  try {
    read(options, outcome, faults);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('with Postfix installed', () => {
  it('asks postconf once, for expanded values and with the overrides', () => {
    const { configuration, calls } = read(
      { configDirectory: '/etc/postfix', overrides: { hash_queue_depth: '2' } },
      answered(
        'queue_directory = /q\nmail_owner = mail\nsetgid_group = drop\nhash_queue_names = deferred, Active\n' +
          'hash_queue_depth = 2\nenable_long_queue_ids = YES\nmyhostname = h.example\nmail_version = 3.7.11\n' +
          'minimal_backoff_time = 5m\n',
      ),
    );
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatch(/^postconf -c \/etc\/postfix -x -o hash_queue_depth=2 .*\bqueue_directory\b/u);
    expect(configuration).toMatchObject({
      queueDirectory: '/q',
      configDirectory: '/etc/postfix',
      mailOwner: 'mail',
      setgidGroup: 'drop',
      layout: { hashQueueNames: new Set(['deferred', 'active']), hashQueueDepth: 2 },
      enableLongQueueIds: true,
      myhostname: 'h.example',
      mailVersion: '3.7.11',
      minimalBackoffSeconds: 300,
    });
  });

  it('names no directory where none was named, and tells the one that postconf used', () => {
    const { configuration, calls } = read({}, answered('queue_directory = /q\nconfig_directory = /etc/pf\n'));
    expect(calls[0]).toMatch(/^postconf -x /u);
    expect(configuration.configDirectory).toBe('/etc/pf');
  });

  it('takes the built-in default for a parameter that an old Postfix does not have', () => {
    const { configuration } = read({}, answered('queue_directory = /q\n'));
    expect(configuration).toMatchObject({ enableLongQueueIds: false, minimalBackoffSeconds: 300 });
  });

  it('puts another queue directory over the configuration, a link to one too', () => {
    const { configuration } = read({ queueDirectory: '/link' }, answered('queue_directory = /elsewhere\n'));
    expect(configuration.queueDirectory).toBe('/link');
    expect(configuration.parameters.queue_directory).toBe('/link');
  });

  it('gives the words of postconf when it refuses, without its warnings', () => {
    const stderr = 'postconf: warning: odd\npostconf: fatal: main.cf, line 6: missing =\n';
    expect(refusal({}, { status: 1, stdout: '', stderr })).toMatchObject({
      code: 'configuration',
      message: expect.stringMatching(/: postconf: fatal: main.cf, line 6: missing =$/u),
    });
  });

  it.each([
    ['hash_queue_depth = 0'],
    ['hash_queue_depth = many'],
    ['hash_queue_depth = 100'],
    ['enable_long_queue_ids = maybe'],
    ['minimal_backoff_time = soon'],
  ])('refuses %s', (line) => {
    expect(refusal({}, answered(`queue_directory = /q\n${line}\n`))).toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(line.split(' ')[0] ?? ''),
    });
  });
});

describe('with a configuration that is broken', () => {
  const broken = { status: 1, stdout: '', stderr: 'postconf: fatal: open /etc/postfix/main.cf: No such file\n' };
  const senseless = answered('queue_directory = /q\nhash_queue_depth = many\n');

  it('takes a queue directory that is named for what it looks like, and says so', () => {
    const { configuration, calls } = read({ queueDirectory: '/q', overrides: { setgid_group: 'drop' } }, broken);
    expect(calls[1]).toMatch(/^postconf -d /u);
    expect(configuration).toMatchObject({
      queueDirectory: '/q',
      configDirectory: undefined,
      setgidGroup: 'drop',
      layout: { hashQueueNames: new Set(['deferred', 'defer']), hashQueueDepth: 1 },
      warnings: [expect.stringMatching(/main\.cf: No such file\. The queue is taken for what it looks like/u)],
    });
  });

  it('takes a value that makes no sense for what the queue looks like, but not one that is said', () => {
    const { configuration } = read({ queueDirectory: '/q' }, senseless);
    expect(configuration.layout.hashQueueDepth).toBe(1);
    expect(configuration.warnings).toEqual([expect.stringContaining('hash_queue_depth')]);
    const overrides = { hash_queue_depth: 'many' };
    expect(refusal({ queueDirectory: '/q', overrides }, senseless)).toMatchObject({ code: 'configuration' });
  });

  it('can not expand', () => {
    const options = { queueDirectory: '/q', overrides: { mail_owner: '$default_privs' } };
    expect(refusal(options, broken)).toMatchObject({ code: 'usage' });
  });
});

describe('without Postfix installed', () => {
  it('has the built-in defaults for a queue directory that is named, and the overrides', () => {
    const { configuration } = read({ queueDirectory: '/q', overrides: { mail_owner: 'mail' } }, undefined);
    expect(configuration).toMatchObject({
      queueDirectory: '/q',
      configDirectory: undefined,
      mailOwner: 'mail',
      setgidGroup: 'postdrop',
      layout: { hashQueueNames: new Set(['deferred', 'defer']), hashQueueDepth: 1 },
      enableLongQueueIds: false,
      myhostname: '',
      minimalBackoffSeconds: 300,
    });
  });

  it.each<ConfigurationOptions>([{}, { configDirectory: '/etc/postfix', queueDirectory: '/q' }])(
    'is of no use with %j',
    (options) => {
      expect(refusal(options, undefined)).toMatchObject({ code: 'unavailable', remedy: 'name-queue' });
    },
  );

  it('can not expand', () => {
    const options = { queueDirectory: '/q', overrides: { mail_owner: '$default_privs' } };
    expect(refusal(options, undefined)).toMatchObject({ code: 'usage' });
  });
});

describe('what is refused', () => {
  const postconf = answered('queue_directory = /q\n');

  it.each<[string, ConfigurationOptions]>([
    ['a relative configuration directory', { configDirectory: 'etc/postfix' }],
    ['an empty queue directory', { queueDirectory: '' }],
    ['an override of no parameter', { overrides: { '-x': 'y' } }],
    ['an override with an empty name', { overrides: { '': 'y' } }],
  ])('%s', (_, options) => {
    expect(refusal(options, postconf)).toMatchObject({ code: 'usage' });
  });

  it.each(['/missing', '/file', '/file/below'])('a queue directory that is none: %s', (queueDirectory) => {
    expect(refusal({ queueDirectory }, postconf)).toMatchObject({ code: 'not-found', path: queueDirectory });
  });

  it.each([
    ['EACCES', 'not-permitted'],
    ['EIO', 'io'],
  ])('a queue directory that can not be opened: %s', (errno, code) => {
    expect(refusal({}, postconf, new Faults().failAt(0, errno))).toMatchObject({ code });
  });
});
