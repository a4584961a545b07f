/** The command `report`: the page as a file, and its numbers by the commands that stand beside them. */

import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listWords } from '../../src/cli/page/list-words.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { QueueReport } from '../../src/report/queue-report.ts';
import { postsnap } from '../support/process/command.ts';
import { fakeTerminal } from '../support/process/terminal.ts';
import { makeEmptyQueue, makeSampleQueue, queueOptions, scratchDirectory } from '../support/queue/sample-queue.ts';
import { groupsOf } from '../support/report/groups-of.ts';

let scratch: string;
let archive: string;
beforeAll(() => {
  scratch = scratchDirectory();
  const queue = makeSampleQueue(join(scratch, 'queue'));
  archive = join(scratch, "it's an archive.tar.zst");
  writeFileSync(join(queue, 'corrupt/0A16F210400'), 'no queue file');
  expect(postsnap(['backup', '-q', ...queueOptions(queue), archive])).toMatchObject({ status: 0 });
  mkdirSync(join(scratch, 'pages'));
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

const page = (name: string) => join(scratch, 'pages', name);
const reportData = (...words: string[]): QueueReport => JSON.parse(postsnap(['report', '-j', ...words]).stdout);

describe('the page', () => {
  test('is a new file, for its owner alone', () => {
    expect(postsnap(['report', archive, '-o', page('new.html')])).toEqual(
      expect.objectContaining({ status: 0, stderr: '', stdout: `Report on 15 messages: ${page('new.html')}\n` }),
    );
    expect(lstatSync(page('new.html')).mode & 0o777).toBe(0o600);
    expect(readFileSync(page('new.html'), 'utf8')).toMatch(/^<!DOCTYPE html>[\s\S]*<\/html>\n$/u);
  });

  test('never takes the place of a file', () => {
    writeFileSync(page('mine.html'), 'mine');
    expect(postsnap(['report', archive, '-o', page('mine.html')])).toMatchObject({ status: 73, stdout: '' });
    expect(readFileSync(page('mine.html'), 'utf8')).toBe('mine');
  });

  test('leaves nothing behind where the archive can not be read', () => {
    const before = readdirSync(join(scratch, 'pages'));
    writeFileSync(join(scratch, 'damaged'), readFileSync(archive).subarray(0, -300));
    expect(postsnap(['report', join(scratch, 'damaged'), '-o', page('damaged.html')])).toMatchObject({ status: 65 });
    expect(postsnap(['report', join(scratch, 'nosuch'), '-o', page('nosuch.html')])).toMatchObject({ status: 66 });
    expect(readdirSync(join(scratch, 'pages'))).toEqual(before);
  });

  test('goes to standard output, and comes of standard input', () => {
    const result = postsnap(['report', '-', '-o', '-'], { input: readFileSync(archive) });
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(result.stdout).toContain('<h1>15 messages');
    expect(result.stdout).toContain('postsnap list ARCHIVE');
  });

  test('is not what -j gives; both can be had', () => {
    expect(postsnap(['report', archive])).toMatchObject({ status: 64, stdout: '' });
    expect(postsnap(['report', '-j', '-o', '-', archive])).toMatchObject({ status: 64, stdout: '' });
    const both = postsnap(['report', '-j', '-o', page('both.html'), archive]);
    expect(JSON.parse(both.stdout)).toMatchObject({ kind: 'queue', total: { messages: 15 } });
    expect(readFileSync(page('both.html'), 'utf8')).toContain('<h1>15 messages');
  });

  test('has no contents of messages', () => {
    postsnap(['report', archive, '-o', page('contents.html')]);
    const text = readFileSync(page('contents.html'), 'utf8');
    expect(text).toContain('paula@example.org');
    for (const inside of ['Message-Id', 'Subject', 'Received']) {
      expect(text).not.toContain(inside);
    }
  });
});

/** The words of a command as it would be typed. */
function typed(line: string): string[] {
  return (line.match(/(?:'[^']*'|\\'|[^\s'\\])+/gu) ?? []).map((word) => word.replace(/'([^']*)'|\\(')/gu, '$1$2'));
}

describe('a second archive', () => {
  test('is compared, as diff does it', () => {
    const other = join(scratch, 'other.tar.zst');
    const queue = join(scratch, 'queue');
    expect(postsnap(['backup', '-q', ...queueOptions(queue), '--queues', 'hold', other])).toMatchObject({ status: 0 });
    const { changes } = reportData(archive, other);
    expect(changes).toMatchObject({
      counts: { same: 2, changed: 0, only_left: 14, only_right: 0 },
      archive: { messages: 2 },
    });
    const text = postsnap(['report', archive, other, '-o', '-']).stdout;
    expect(text).toContain('<h2 id="changes-title">What changed</h2>');
    expect(text).toContain(`archive.tar.zst' ${other}</code>`);
    expect(postsnap(['diff', archive, other]).stdout).toMatch(
      /\n14 only in .*, 0 only in .*, 0 changed, 2 the same\.\n$/u,
    );
    for (const words of [
      ['-', other],
      [archive, '-'],
      ['--restore', '-'],
    ]) {
      expect(postsnap(['report', '-j', ...words])).toMatchObject({ status: 64, stdout: '' });
    }
    expect(postsnap(['report', '-j', archive, other, other])).toMatchObject({ status: 64 });
  });
});

describe('a restore', () => {
  test('is told as a dry run tells it, and nothing is done', () => {
    const target = makeEmptyQueue(join(scratch, 'target'));
    const options = queueOptions(target).map((word) => (word === '-o' ? '--option' : word));
    const { restore } = reportData('--restore', ...options, archive);
    const dry = JSON.parse(postsnap(['restore', '-n', '--quick', '-j', ...queueOptions(target), archive]).stdout);
    expect(restore).toMatchObject({ restored: dry.restored, proven: false, into: 'queues' });
    expect(restore?.target.queue_directory).toBe(target);
    expect(restore?.routes.map(({ from, messages }) => [from, messages])).toEqual(
      dry.routes.map(({ from, messages }: { from: string; messages: number }) => [from, messages]),
    );
    const texts = restore?.concerns.map(({ text }) => text).join('\n') ?? '';
    for (const { text } of dry.findings) {
      expect(texts).toContain(text);
    }
    expect(texts).toContain('1 message not selected');
    const page = postsnap(['report', '--restore', ...options, archive, '-o', '-']).stdout;
    expect(page).toContain('What a restore here would do');
    expect(readdirSync(join(target, 'deferred'))).toEqual([]);
    expect(postsnap(['report', '-j', '--queue-directory', target, archive])).toMatchObject({ status: 64 });
  });
});

test('--redact leaves no names, neither in the page nor in the data', () => {
  const { stdout } = postsnap(['report', '--redact', '-o', '-', archive]);
  for (const text of [stdout, JSON.stringify(reportData('--redact', archive))]) {
    expect(text).not.toMatch(/example\.(?:org|com|net)|paula|newsletter|postsnap-cli-/u);
  }
  expect(stdout).toContain('postsnap list ARCHIVE');
});

describe('each number', () => {
  test('has a command that lists just the messages that it counts', async () => {
    const report = reportData(archive);
    const words = listWords({ archive: [archive], all: report.total.selection ?? {}, now: 0 });
    postsnap(['report', archive, '-o', page('numbers.html')]);
    const text = unescaped(readFileSync(page('numbers.html'), 'utf8'));
    const groups = groupsOf(report);
    expect(groups.length).toBeGreaterThan(25);
    for (const { path, messages, selection } of groups) {
      const line = words.list(selection) ?? '';
      expect(text.includes(`<code class="command">${line}</code>`), `${path}: ${line}`).toBe(true);
      const [program, ...argv] = typed(line);
      const terminal = fakeTerminal();
      await runProgram([...argv, '-j'], terminal, '1');
      expect([program, path, terminal.stdout().split('\n').length - 1]).toEqual(['postsnap', path, messages]);
    }
  });

  test('of a snapshot in a store is found by its short id', () => {
    const store = join(scratch, 'store');
    const queue = join(scratch, 'queue');
    expect(postsnap(['backup', '-q', ...queueOptions(queue), '--store', store])).toMatchObject({ status: 0 });
    const report = reportData('--store', store, '--snapshot', 'latest');
    expect(report.archive.verified).toMatch(/^\d{4}-/u);
    const stdout = postsnap(['report', '--store', store, '--snapshot', 'latest', '-o', '-']).stdout;
    expect(stdout).toMatch(new RegExp(`postsnap list --store ${store} --snapshot [0-9a-f]{8}`, 'u'));
  });
});

function unescaped(html: string): string {
  return html.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
