/** `--ping`: a service hears of start, success and failure, and whatever it does, the run goes as it goes. */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Ended, start } from '../support/process/process.ts';
import { makeSampleQueue, queueOptions, scratchDirectory } from '../support/queue/sample-queue.ts';

let scratch: string;
const at = (name: string) => join(scratch, name);
beforeAll(() => {
  scratch = scratchDirectory();
  makeSampleQueue(at('source'));
  mkdirSync(at('store'), { mode: 0o700 });
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

/** What the service does with a request: a status, or nothing at all. */
let answer: number | 'never';
let heard: { readonly line: string; readonly body: string }[];
let service: Server;
let origin: string;
beforeEach(async () => {
  [answer, heard] = [200, []];
  service = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      heard.push({ line: `${request.method} ${request.url}`, body });
      if (answer !== 'never') {
        response.writeHead(answer).end('what a service says');
      }
    });
  });
  await new Promise<void>((resolve) => {
    service.listen(0, '127.0.0.1', resolve);
  });
  const { port } = service.address() as AddressInfo;
  origin = `http://127.0.0.1:${port}`;
});
afterEach(() => {
  service.closeAllConnections();
  service.close();
});

const url = () => `${origin}/secret-uuid?create=1`;
const lines = () => heard.map(({ line }) => line);
const night = (...more: string[]) => [
  'backup',
  ...queueOptions(at('source')),
  '-o',
  'myhostname=mx.example.org',
  '--store',
  at('store'),
  ...more,
];
const run = (args: string[], environment: Record<string, string> = {}): Promise<Ended> =>
  start(args, { environment }).ended;

const SUCCESS = ['GET /secret-uuid/start?create=1', 'GET /secret-uuid?create=1'];
const FAILURE = ['GET /secret-uuid/start?create=1', 'POST /secret-uuid/fail?create=1'];

test('SIGUSR1 opens no debugger while the service is told', async () => {
  answer = 'never';
  const running = start(night('-q'), { environment: { POSTSNAP_PING: url() } });
  await expect.poll(() => heard.length, { timeout: 20_000 }).toBe(1);
  process.kill(running.pid, 'SIGUSR1');
  await new Promise((resolve) => setTimeout(resolve, 500));
  process.kill(running.pid, 'SIGKILL');
  expect((await running.ended).stderr).not.toContain('Debugger');
});

describe('the service hears', () => {
  test.each([
    ['backup', () => night('-q')],
    ['prune', () => ['prune', '-q', '--store', at('store'), '--keep-last', '3']],
    ['drill', () => ['drill', '-q', '--store', at('store')]],
  ])('of start and success of a %s', async (_, words) => {
    expect(await run([...words(), '--ping', url()])).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(lines()).toEqual(SUCCESS);
  });

  test('of a failure, with what was said', async () => {
    const { status, stderr } = await run(['drill', '--ping', url(), at('nosuch')]);
    expect([status, lines()]).toEqual([66, FAILURE]);
    expect(stderr).toMatch(/^postsnap: fatal: [^\n]+\n$/u);
    expect(heard[1]?.body).toBe(`${stderr}Exit status 66\n`);
  });

  test('of something that was left out, and of the last 10 kB alone', async () => {
    makeSampleQueue(at('odd'));
    for (let count = 0; count < 400; count += 1) {
      writeFileSync(join(at('odd'), 'hold', `no-queue-id-${count}`), 'x', { mode: 0o700 });
    }
    const { status, stderr } = await run(['backup', '-q', ...queueOptions(at('odd')), '--ping', url(), at('odd.zst')]);
    expect([status, lines()]).toEqual([1, FAILURE]);
    const body = heard[1]?.body ?? '';
    expect(stderr.length).toBeGreaterThan(10_000);
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(10_000);
    expect(Buffer.byteLength(body)).toBeGreaterThan(9_500);
    expect(`\n${stderr}Exit status 1\n`.endsWith(`\n${body}`)).toBe(true);
  });

  test('nothing of a dry run', async () => {
    const args = ['prune', '-n', '--store', at('store'), '--keep-last', '3', '--ping', url()];
    expect((await run(args)).status).toBe(0);
    expect(heard).toEqual([]);
  });
});

describe('a service that fails costs one warning', () => {
  const warned = (reason: string) =>
    `postsnap: warning: the service that --ping names was not told of this run: ${reason}\n`;

  test('where it answers 500', async () => {
    answer = 500;
    expect(await run([...night('-q'), '--ping', url()])).toMatchObject({
      status: 0,
      stderr: warned('it answered 500'),
    });
    expect(lines()).toEqual(SUCCESS);
    const failed = await run(['drill', '--ping', url(), at('nosuch')]);
    expect([failed.status, failed.stderr]).toEqual([
      66,
      expect.stringMatching(/^postsnap: fatal: [^\n]+ Besides, the service [^\n]+ it answered 500\n$/u),
    ]);
  });

  test('where nobody is there', async () => {
    service.close();
    const result = await run([...night('-q'), '--ping', url()]);
    expect(result).toMatchObject({ status: 0, stderr: warned('Connection refused (ECONNREFUSED)') });
  });

  test('where it never answers, and 10 s for each request', async () => {
    answer = 'never';
    const began = performance.now();
    const result = await run([...night('-q'), '--ping', url()]);
    expect(result).toMatchObject({ status: 0, stderr: warned('no answer in 10 s') });
    expect(lines()).toEqual(SUCCESS);
    expect(performance.now() - began).toBeLessThan(45_000);
  });
});

describe('the URL', () => {
  test.each([
    'ftp://ping.example/secret-uuid',
    'file:///secret-uuid',
    'ping.example/secret-uuid',
    'https://secret:uuid@ping.example/',
  ])('%s is refused, and not repeated', async (text) => {
    const refused = await run([...night('-q'), '--ping', text]);
    expect([refused.status, refused.stderr.split('\n').length]).toEqual([64, 2]);
    const told = await run(night('-q'), { POSTSNAP_PING: text });
    expect([told.status, told.stderr]).toEqual([78, expect.stringContaining('POSTSNAP_PING')]);
    expect(`${refused.stderr}${told.stderr}`).not.toContain('secret');
  });

  test('is of the environment for each command, and of the file for a backup alone', async () => {
    const prune = ['prune', '-q', '--store', at('store'), '--keep-last', '3'];
    expect((await run(prune, { POSTSNAP_PING: url() })).status).toBe(0);
    expect(lines()).toEqual(SUCCESS);
    writeFileSync(at('postsnap.toml'), `ping = "${url()}"\n`);
    const environment = { POSTSNAP_CONFIGURATION: at('postsnap.toml') };
    expect((await run(prune, environment)).status).toBe(0);
    expect(lines()).toEqual(SUCCESS);
    expect((await run(night('-q'), environment)).status).toBe(0);
    expect(lines()).toEqual([...SUCCESS, ...SUCCESS]);
  });

  test('stands in no message', async () => {
    answer = 404;
    const result = await run([...night('-vv'), '--ping', url()]);
    expect(result.status).toBe(0);
    expect(`${result.stdout}${result.stderr}`).not.toMatch(/secret-uuid|127\.0\.0\.1/u);
  });
});
