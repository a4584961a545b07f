import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { lastLines, Ping } from '../../../../src/cli/process/ping.ts';

describe('the last lines', () => {
  it.each([
    ['a\nb\n', 4, 'a\nb\n'],
    ['first\nsecond\nthird\n', 12, 'third\n'],
    ['first\nsecond\nthird\n', 14, 'second\nthird\n'],
    ['a line that is too long\n', 9, 'too long\n'],
    ['éé\n', 4, 'é\n'],
    ['', 4, ''],
  ])('of %j in %i bytes are %j', (text, most, expected) => {
    expect(lastLines(text, most)).toBe(expected);
  });
});

it.each([
  ['http://127.0.0.1:9/secret', 'the request failed'],
  ['http://postsnap.invalid/secret', 'its host is not known (ENOTFOUND)|no name server answers (EAI_AGAIN)'],
])('a service at %s that is not there is told in words, without its address', async (url, words) => {
  const told = await new Ping({ url: new URL(url) }).start();
  expect(words.split('|').map((one) => `the service that --ping names was not told of this run: ${one}`)).toContain(
    told,
  );
});

it('a service that refuses the connection is told in words', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const ping = new Ping({ url: new URL(`http://127.0.0.1:${port}/secret`) });
  expect(await ping.start()).toBe(
    'the service that --ping names was not told of this run: Connection refused (ECONNREFUSED)',
  );
  expect(await ping.end(0, '')).toBeUndefined();
});
