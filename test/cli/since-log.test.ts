/** `restore --since-log` as the command has it: where the log comes from, and what is said of it. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postsnap } from '../support/process/command.ts';
import { makeEmptyQueue, makeSampleQueue, queueOptions, scratchDirectory } from '../support/queue/sample-queue.ts';

interface Listed {
  readonly queue_name: string;
  readonly queue_id: string;
  readonly sender: string;
  readonly arrival_time: number;
  readonly message_size: number;
  readonly recipients: readonly { readonly address: string; readonly orig_address?: string }[];
}

let scratch: string;
let archive: string;
let target: string;
let log: string;
let chosen: Listed;

beforeAll(() => {
  scratch = scratchDirectory();
  archive = join(scratch, 'queue.tar.zst');
  expect(postsnap(['backup', ...queueOptions(makeSampleQueue(join(scratch, 'queue'))), archive]).status).toBe(0);
  target = makeEmptyQueue(join(scratch, 'target'));
  const listed = postsnap(['list', '-j', '--queues', 'deferred', archive]).stdout.trimEnd().split('\n');
  const [first] = listed.map((line): Listed => JSON.parse(line)).filter(({ recipients }) => recipients.length > 0);
  if (first === undefined) {
    throw new Error('the sample queue has no deferred message');
  }
  chosen = first;
  log = join(scratch, 'mail.log');
  writeFileSync(log, logOf(chosen));
});

afterAll(() => {
  rmSync(scratch, { recursive: true });
});

/** The lines of its delivery, a moment from now. */
function logOf({ queue_id, sender, arrival_time, message_size, recipients }: Listed): string {
  const time = Math.ceil(Date.now() / 1000);
  const from = sender === 'MAILER-DAEMON' ? '' : sender;
  const told = [
    `qmgr[1]: ${queue_id}: from=<${from}>, size=${message_size}, nrcpt=${recipients.length + 5} (queue active)`,
    ...recipients.map(({ address, orig_address }) => {
      const original = orig_address === undefined || orig_address === '' ? '' : `orig_to=<${orig_address}>, `;
      const delay = time - arrival_time;
      return `smtp[2]: ${queue_id}: to=<${address}>, ${original}relay=mx[192.0.2.1]:25, delay=${delay}, delays=${delay}/0/0/0, dsn=2.0.0, status=sent (250 Ok)`;
    }),
    `qmgr[1]: ${queue_id}: removed`,
  ];
  const stamp = new Date(time * 1000).toISOString();
  return told.map((text) => `${stamp} mail postfix/${text}\n`).join('');
}

function dryRun(...options: string[]) {
  const result = postsnap(['restore', '-n', '-j', ...queueOptions(target), ...options, archive]);
  return { ...result, report: result.stdout === '' ? {} : JSON.parse(result.stdout) };
}

test('what was delivered is left out, told in the report, and in the map', () => {
  const map = join(scratch, 'map');
  const all = dryRun().report;
  const { status, report } = dryRun('--since-log', log, '--map', map);
  expect(status).toBe(0);
  expect(report).toMatchObject({ delivered_since: 1, restored: all.restored - 1, log: { gaps: [] } });
  expect(readFileSync(map, 'utf8')).toContain(
    `"queue_id":"${chosen.queue_id}","new_queue_name":null,"new_queue_id":null,"action":"delivered_since"`,
  );
  const page = postsnap(['restore', '-n', ...queueOptions(target), '--since-log', log, archive]).stdout;
  expect(page.replace(/\s+/gu, ' ')).toContain('by the mail log Postfix delivered, returned or deleted it after');
});

test('from standard input, and unpacked by xz, likewise', () => {
  execFileSync('xz', ['-k', log]);
  expect(dryRun('--since-log', `${log}.xz`).report).toMatchObject({ delivered_since: 1 });
  const options = ['restore', '-n', '-j', ...queueOptions(target), '--since-log', '-', archive];
  const command = ['-c', 'log=$1; shift; exec node bin/postsnap.js "$@" <"$log"', 'sh', log, ...options];
  expect(JSON.parse(execFileSync('sh', command, { encoding: 'utf8' }))).toMatchObject({ delivered_since: 1 });
});

test('a log without a line of time is told; one that is not there: 66; damaged: 65', () => {
  const text = join(scratch, 'text');
  writeFileSync(text, 'nothing\n');
  expect(dryRun('--since-log', text)).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('no line with a time'),
  });
  expect(dryRun('--since-log', join(scratch, 'missing'))).toMatchObject({
    status: 66,
    stderr: expect.stringContaining('there is no mail log'),
  });
  const broken = join(scratch, 'broken.gz');
  writeFileSync(broken, Buffer.concat([Buffer.from('1f8b080000000000', 'hex'), Buffer.alloc(100, 0xff)]));
  expect(dryRun('--since-log', broken).status).toBe(65);
  mkdirSync(join(scratch, 'directory'));
  expect(dryRun('--since-log', join(scratch, 'directory')).status).toBe(66);
});

test('standard input serves one file only: 64', () => {
  const result = postsnap(['restore', '-n', ...queueOptions(target), '--since-log', '-', '-']);
  expect(result).toMatchObject({ status: 64, stderr: expect.stringContaining('not both') });
});
