/** The summary of an archive beside qshape(1), which reads the queue that the archive is a snapshot of. */

import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { postsnap } from '../support/process/command.ts';
import { makeQueueDirectory, put } from '../support/queue/queue-directory.ts';
import { type LetterRecord, queueFile } from '../support/queue/queue-file-builder.ts';
import { queueOptions } from '../support/queue/sample-queue.ts';
import { describeWith, program } from '../support/torture/requirements.ts';

const QSHAPE = '/usr/sbin/qshape';
const QUEUES = ['incoming', 'active', 'deferred', 'hold'];

interface Sample {
  readonly queue: string;
  readonly ageMinutes: number;
  readonly sender: string;
  readonly recipients: readonly string[];
}

/** Ages half a minute off the limits: the two look at the queue some seconds one after the other. */
const SAMPLES: readonly Sample[] = [
  { queue: 'deferred', ageMinutes: 0.5, sender: 'a@one.example', recipients: ['x@far.example', 'y@far.example'] },
  { queue: 'deferred', ageMinutes: 5.5, sender: 'b@one.example', recipients: ['x@FAR.example', 'z@near.example'] },
  { queue: 'deferred', ageMinutes: 19.5, sender: '', recipients: ['x@far.example'] },
  {
    queue: 'incoming',
    ageMinutes: 30,
    sender: 'a@two.example',
    recipients: ['x@a-rather-long-name.of-a-destination.example'],
  },
  { queue: 'active', ageMinutes: 79.5, sender: 'a@one.example', recipients: ['x@far..example.', 'root', 'root'] },
  { queue: 'hold', ageMinutes: 100, sender: 'A@ONE.example', recipients: ['x@far.example'] },
  { queue: 'hold', ageMinutes: 300, sender: 'root', recipients: ['"odd @ part"@near.example'] },
  { queue: 'hold', ageMinutes: 600, sender: 'a@two.example', recipients: ['x@near.example', 'y@far.example'] },
  { queue: 'deferred', ageMinutes: 1000, sender: 'a@one.example', recipients: ['x@far.example'] },
  { queue: 'deferred', ageMinutes: 2000, sender: 'a@one.example', recipients: ['x@far.example'] },
  { queue: 'deferred', ageMinutes: 900_000, sender: 'a@one.example', recipients: ['x@far.example'] },
];

function makeQueue(): string {
  const directory = makeQueueDirectory();
  SAMPLES.forEach(({ queue, ageMinutes, sender, recipients }, index) => {
    const arrival = Math.floor(Date.now() / 1000 - ageMinutes * 60);
    const envelope: LetterRecord[] = [
      ['T', `${arrival} ${index}`],
      ['S', sender],
      ...recipients.map((recipient): LetterRecord => ['R', recipient]),
    ];
    put(directory, `${queue}/0000${index.toString(16).toUpperCase()}ABC`, { content: queueFile({ envelope }) });
  });
  return directory;
}

describeWith([program('perl', '-c', QSHAPE)], 'the summary has the table of qshape', () => {
  test.each([
    ['destinations', [], []],
    ['senders', ['-s'], ['--senders']],
  ])('%s', (_, qshapeOptions, ours) => {
    const directory = makeQueue();
    const archive = `${directory}.tar.zst`;
    expect(postsnap(['backup', ...queueOptions(directory), archive])).toMatchObject({ status: 0 });
    onTestFinished(() => rmSync(archive));
    const theirs = spawnSync(QSHAPE, [...qshapeOptions, ...QUEUES.map((queue) => join(directory, queue))], {
      encoding: 'utf8',
    });
    expect(theirs).toMatchObject({ status: 0, stderr: '' });
    const { status, stdout, stderr } = postsnap(['list', '--summary', ...ours, archive]);
    expect([status, stderr]).toEqual([0, '']);
    expect(theirs.stdout).toContain('TOTAL');
    expect(stdout).toBe(theirs.stdout);
  });

  test('so has a report, with each of its numbers', () => {
    const directory = makeQueue();
    const archive = `${directory}.tar.zst`;
    expect(postsnap(['backup', ...queueOptions(directory), archive])).toMatchObject({ status: 0 });
    onTestFinished(() => rmSync(archive));
    const report = JSON.parse(postsnap(['report', '-j', archive]).stdout);
    for (const [table, options] of [
      ['recipients', []],
      ['senders', ['-s']],
    ] as const) {
      const theirs = spawnSync(QSHAPE, [...options, ...QUEUES.map((queue) => join(directory, queue))], {
        encoding: 'utf8',
      });
      const numbers = (line: string): number[] => line.trim().split(/\s+/u).slice(1).map(Number);
      const [, total = '', ...rows] = theirs.stdout.trimEnd().split('\n');
      expect(rows.length).toBeGreaterThan(2);
      expect([report[table].total.recipients, ...report[table].total.ages]).toEqual(numbers(total));
      expect(
        report[table].rows.map(({ recipients, ages }: { recipients: number; ages: number[] }) => [recipients, ...ages]),
      ).toEqual(rows.map(numbers));
    }
  });

  test('of the queues that are named', () => {
    const directory = makeQueue();
    const archive = `${directory}.tar.zst`;
    postsnap(['backup', ...queueOptions(directory), archive]);
    onTestFinished(() => rmSync(archive));
    const theirs = spawnSync(QSHAPE, [join(directory, 'hold')], { encoding: 'utf8' });
    expect(postsnap(['list', '--summary', '--queues', 'hold', archive]).stdout).toBe(theirs.stdout);
  });
});
