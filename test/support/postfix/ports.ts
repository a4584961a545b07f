import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the range that Linux takes local ports for outgoing connections from (32768 and up), so that a port that
// is left without a listener for a while is not taken by some client's connection.
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A TCP port of 127.0.0.1 that nothing listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await canListen(port)) {
      return port;
    }
  }
}
