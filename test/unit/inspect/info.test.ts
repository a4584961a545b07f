import { statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadCodec } from '../../../src/archive/zstd/load-codec.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { info } from '../../../src/inspect/info.ts';
import {
  HEADER,
  logFile,
  messageFile,
  noise,
  OUTCOME,
  SNAPSHOT_ID,
  writeArchive,
} from '../../support/archive/sample-archive.ts';
import { fakeTerminal } from '../../support/process/terminal.ts';

async function sample(header = HEADER) {
  const codec = await loadCodec();
  const groups = [
    [
      messageFile('deferred', { number: 1, content: noise(700, 1) }),
      logFile('defer', { number: 1, content: noise(90, 2) }),
    ],
    [messageFile('deferred', { number: 2, content: noise(300, 3) })],
    [messageFile('hold', { number: 3, content: noise(50, 4) })],
    [messageFile('active', { number: 4, content: noise(60, 5) })],
  ];
  return writeArchive({ codec, groups, header, stateOf: (_, index) => (index === 3 ? 'left' : 'queued') });
}

describe('info', () => {
  test('tells what the archive is, from header and seal', async () => {
    const { path } = await sample();
    expect(await info({ archive: path })).toEqual({
      snapshot_id: SNAPSHOT_ID,
      myhostname: 'mail.example.org',
      instance: '-',
      mail_version: '3.7.11',
      queue_directory: '/var/spool/postfix',
      started: HEADER.started,
      finished: OUTCOME.finished,
      messages: 3,
      left: 1,
      logs: 1,
      malformed: 0,
      incomplete: 0,
      unreadable: 0,
      settled: true,
      by_queue: { deferred: { messages: 2, bytes: 1000 }, hold: { messages: 1, bytes: 50 } },
      bytes: 1200,
      archive_bytes: statSync(path).size,
      tool_version: '0.1.0',
      format: 1,
      encrypted: false,
      signed_by: null,
      source: 'queue',
    });
  });

  test('for people: times are local, with their zone, and nothing of the archive reaches the terminal raw', async () => {
    const { path } = await sample({ ...HEADER, myhostname: 'mail\u001b[2J', instance: 'out\u0007' });
    const terminal = fakeTerminal();
    expect(await runProgram(['info', path], terminal, '1')).toBe(0);
    const text = terminal.stdout();
    expect(text).toContain('Host             mail?[2J');
    expect(text).toContain('Instance         out?');
    expect(text).toMatch(/Finished {9}2026-01-0\d \d\d:\d\d:00 [+-]\d{4}\n/u);
    expect(text).toContain('1 message left the queue meanwhile');
    expect(text).toMatch(/deferred +2 +1\.0 kB/u);
  });

  test('an archive that is not there is 66', async () => {
    const terminal = fakeTerminal();
    expect(await runProgram(['info', '/nowhere/a'], terminal, '1')).toBe(66);
  });
});
