import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { QueueCommands } from '../../../../src/cli/output/queue-commands.ts';

const SOURCE = join(import.meta.dirname, '../../../../src');

/** Texts without their quotes; comments are passed over. */
const TOKEN = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/gu;
const COMMAND = /`(post(?:fix|super|queue|cat|conf|multi|kick|drop) [^`\\$]*)/gu;

describe('commands that act on the queue of a run', () => {
  it.each([
    ['the default', {}, '', '', ''],
    ['a configuration', { configDir: '/etc/it is' }, '/other', " -c '/etc/it is'", " -c '/etc/it is'"],
    ['$MAIL_CONFIG', {}, '/etc/postfix-b', ' -c /etc/postfix-b', ' -c /etc/postfix-b'],
    ['a queue directory', { queueDirectory: '/a b' }, '', ' -c CONFIG_DIR', " --queue-directory '/a b'"],
    ['a parameter', { option: { mail_owner: 'mail' } }, '', '', ' -o mail_owner=mail'],
    ['its queue', { option: { queue_directory: '/q' } }, '', ' -c CONFIG_DIR', ' -o queue_directory=/q'],
  ] as const)('of %s', (...[, given, mailConfig, configuration, installation]) => {
    const commands = new QueueCommands(given, mailConfig);
    expect(commands.postfix('postqueue', '-p')).toBe(`postqueue${configuration} -p`);
    expect(commands.release()).toBe(`postsnap release${configuration}`);
    expect(commands.postsnap('status')).toBe(`postsnap status${installation}`);
    expect(commands.isReached).toBe(!configuration.includes('CONFIG_DIR'));
  });

  /** What a command prints as another form of its own result, and in no hint. */
  const FORMS: readonly string[] = ['postqueue -p', 'postqueue -j'];

  it('are written out nowhere else: typed as they stand, they would act on the default instance', () => {
    const found = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => [...readFileSync(join(SOURCE, name), 'utf8').matchAll(TOKEN)])
      .flatMap((token) => [...token.slice(1).join('').matchAll(COMMAND)])
      .map(([, command = '']) => command.trim());
    expect(found.filter((command) => !FORMS.includes(command))).toEqual([]);
  });
});
