/** Whom `--ping` names hears once of all runs of a command line that name it. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Services } from '../../../../src/cli/process/services.ts';

let heard: string[];
let answer: number;
let server: Server;
let origin: string;
beforeEach(async () => {
  [heard, answer] = [[], 200];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      heard.push(`${request.url} ${body}`.trim());
      response.writeHead(answer).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

interface Run {
  readonly url: string | undefined;
  readonly status: number;
}

async function tell(runs: readonly Run[], early: readonly number[] = []) {
  const services = new Services();
  for (const { url, status } of runs) {
    if (url === undefined) {
      services.beginUntold();
    } else {
      const address = new URL(url, origin);
      await services.begin(address);
      services.note(address, { status, said: status === 0 ? '' : `failed with ${status}\n` });
    }
  }
  for (const status of early) {
    services.noteEarly({ status, said: `early ${status}\n` });
  }
  return { faults: await services.end(), count: services.count };
}

it('hears of success where all were done', async () => {
  await tell([0, 0].map((status) => ({ url: '/one', status })));
  expect(heard).toEqual(['/one/start', '/one']);
});

it.each([
  [[74, 0], 74],
  [[0, 1, 0], 1],
  [[1, 66, 0], 66],
])('hears of failure where the runs ended in %j', async (statuses, status) => {
  await tell(statuses.map((one) => ({ url: '/one', status: one })));
  const said = statuses.filter((one) => one !== 0).map((one) => `failed with ${one}\n`);
  expect(heard).toEqual(['/one/start', `/one/fail ${said.join('')}Exit status ${status}`]);
});

it('hears of its own runs alone, and of each that ended before it was known whose it was', async () => {
  await tell([
    { url: '/one', status: 74 },
    { url: '/two', status: 0 },
    { url: undefined, status: 65 },
  ]);
  expect(heard).toEqual(['/one/start', '/two/start', '/one/fail failed with 74\nExit status 74', '/two']);
  heard = [];
  await tell([{ url: '/one', status: 0 }], [78]);
  expect(heard).toEqual(['/one/start', '/one/fail early 78\nExit status 78']);
});

it('that can not be told is a fault of a run that was done, and no second line of one that failed', async () => {
  answer = 200;
  const services = new Services();
  const url = new URL('/one', origin);
  expect(await services.begin(url)).toBeUndefined();
  answer = 500;
  services.note(url, { status: 74, said: '' });
  expect(await services.end()).toEqual([]);
  expect((await tell([{ url: '/one', status: 0 }])).faults).toEqual([]);
  answer = 200;
  const second = new Services();
  await second.begin(url);
  answer = 500;
  second.note(url, { status: 0, said: '' });
  expect(await second.end()).toEqual([expect.stringContaining('it answered 500')]);
});
