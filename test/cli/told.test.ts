import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { postsnap } from '../support/process/command.ts';
import { backedUpQueue } from '../support/queue/backed-up-queue.ts';
import { makeEmptyQueue, makeSampleQueue, messagesIn, queueOptions } from '../support/queue/sample-queue.ts';

const { scratch, source, archive } = backedUpQueue();

test('--retry-now gives what is restored the time of now; without it, its own', () => {
  const [begin, old] = [Date.now(), makeEmptyQueue(join(scratch, 'old'))];
  const now = makeEmptyQueue(join(scratch, 'now'));
  expect(postsnap(['restore', ...queueOptions(old), archive]).status).toBe(0);
  expect(postsnap(['restore', '--retry-now', ...queueOptions(now), archive]).status).toBe(0);
  const times = (queue: string): number[] =>
    messagesIn(queue)
      .filter(({ queueName }) => queueName === 'deferred')
      .map(({ path }) => statSync(path).mtimeMs);
  expect(times(old)).toHaveLength(9);
  expect(times(now)).toHaveLength(9);
  expect(Math.max(...times(old))).toBeLessThan(begin - 60_000);
  expect(Math.min(...times(now))).toBeGreaterThanOrEqual(begin - 1000);
});

test('list tells below of arrival times that its format does not tell', () => {
  const queue = makeSampleQueue(join(scratch, 'years'));
  const [held] = messagesIn(queue).filter(({ queueName }) => queueName === 'hold');
  const path = held?.path ?? '';
  writeFileSync(path, readFileSync(path, 'latin1').replace(/(?<=T.)17(?=\d{8} )/su, '14'), 'latin1');
  const of = join(scratch, 'years.tar.zst');
  expect(postsnap(['backup', ...queueOptions(queue), of]).status).toBe(0);
  const { status, stderr } = postsnap(['list', of]);
  expect([status, stderr]).toEqual([
    0,
    expect.stringMatching(/1 message \(2017-.*\) arrived more than twelve months ago\n$/u),
  ]);
});

test('a directory without queues, or without some, is told to postfix check', () => {
  const empty = join(scratch, 'empty');
  mkdirSync(empty);
  const part = makeEmptyQueue(join(scratch, 'part'));
  rmSync(join(part, 'hold'), { recursive: true });
  for (const [queue, lack] of [
    [empty, 'nor any other queue'],
    [part, 'lacks the directory hold'],
  ] as const) {
    const { status, stderr } = postsnap(['restore', ...queueOptions(queue), archive]);
    expect([status, stderr]).toEqual([66, expect.stringContaining(lack)]);
    expect(stderr).toContain('`postfix -c CONFIG_DIR check`');
  }
});

test.each(['list', 'verify', 'restore'])('%s of a tar of a queue names the command that takes it', (command) => {
  const tar = join(scratch, 'q.tar.gz');
  execFileSync('tar', ['-C', source, '-czf', tar, '.']);
  const target = makeEmptyQueue(join(scratch, 'foreign'));
  const { status, stderr } = postsnap([command, ...(command === 'restore' ? queueOptions(target) : []), tar]);
  expect([status, stderr]).toEqual([65, expect.stringContaining(`postsnap import ${tar} ARCHIVE`)]);
  expect(stderr).not.toContain('damaged');
});

test('info tells what an archive is, with local times and their zone', () => {
  const { status, stdout } = postsnap(['info', archive], { environment: { TZ: 'Asia/Kolkata' } });
  expect(status).toBe(0);
  const facts = new Map(
    stdout
      .split('\n')
      .map((line) => /^ {2}(\S(?:.*?\S)?) {2,}(.*)$/u.exec(line) ?? [])
      .map(([, name = '', value = '']) => [name, value]),
  );
  expect(facts.get('Queue directory')).toBe(source);
  expect([facts.get('Begun'), facts.get('Finished')]).toEqual(
    ['', ''].map(() => expect.stringMatching(/^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d \+0530$/u)),
  );
  expect([...facts.keys()]).toEqual(
    expect.arrayContaining(['Host', 'Instance', 'Postfix', 'Snapshot', 'Size', 'Written by', 'Encrypted', 'Signed']),
  );
  expect(facts.get('deferred')).toMatch(/^9 +\d/u);
  expect(facts.get('in all')).toMatch(new RegExp(`^${messagesIn(source).length} `, 'u'));
});

test('a dry run says of each message that it would be restored, with -v', () => {
  const queue = makeEmptyQueue(join(scratch, 'foreseen'));
  const { stdout, stderr } = postsnap(['restore', '-n', '-v', ...queueOptions(queue), archive]);
  expect(stderr.match(/: would be restored$/gmu)).toHaveLength(messagesIn(source).length);
  expect(`${stdout}${stderr}`).not.toMatch(/(?<!would be )restored(?! into)/u);
});
