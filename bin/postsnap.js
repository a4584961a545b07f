#!/bin/sh
// 2>/dev/null; { true 3>&1; } 2>/dev/null || exec 1</dev/null; case $(ulimit -v) in ?|??|???|????|?????|??????) echo 'postsnap: fatal: too little memory may be addressed for Node.js (ENOMEM). Allow more: ulimit -v unlimited' >&2; exit 71;; esac; case $(ulimit -n) in ?|1?|2[0-3]) echo 'postsnap: fatal: too few files may be open at once for Node.js (EMFILE). Allow more: ulimit -n 256' >&2; exit 71;; esac; exec env MALLOC_ARENA_MAX=2 node --max-semi-space-size=8 "$0" "$@"

// The line above is a comment to Node.js, and a command to the shell. It bounds what later can't be bounded: how far the
// room for new objects grows (to 128 MB in Node.js 24), and how many heaps malloc of glibc keeps for the threads. Without
// it a million messages take 150 MB more (docs/performance.md). And where stdout is closed it puts something there that
// can't be written to: Node.js would open /dev/null for reading and writing, and all would be lost without an error. Where
// less than 1 GB may be addressed, or fewer than 24 files may be open, Node.js ends before it can say a word of this program's.
import { readFileSync } from 'node:fs';
import { REFUSED, shortage } from './shortage.js';

/** EX_SOFTWARE of sysexits.h. Node's own status for what nobody caught, 1, would mean that the work was done. */
const BROKEN = 70;

const BOUND = '--max-semi-space-size';

// Started as `node bin/postsnap.js`, the shell has set no bounds: the process becomes what the shell would have started.
// Node.js before 22.15 can't do that; its room for new objects does not grow so far.
const isUnbounded = process.execArgv.findIndex((option) => option.startsWith(BOUND)) < 0;
// What is open under a number is closed by it (`<(…)` of a shell, `/dev/fd/3`): then the bounds are left out.
const isHeld = process.argv.findIndex((argument) => /^\/(?:dev|proc\/self)\/fd\/[0-9]/u.test(argument)) >= 0;
if (isUnbounded && !isHeld && process.execve !== undefined) {
  const command = [process.execPath, ...process.execArgv, `${BOUND}=8`, ...process.argv.slice(1)];
  process.execve(process.execPath, command, { ...process.env, MALLOC_ARENA_MAX: '2' });
}

const lack = shortage();
if (lack !== undefined) {
  console.error(`postsnap: fatal: ${lack}`);
  process.exit(REFUSED);
}

try {
  const { main } = await import('../dist/command/main.js');
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  // All output is written by then: nothing that is left over may keep the process alive.
  process.exit(await main(process.argv.slice(2), version));
} catch (error) {
  const nextStep = error.code === 'ERR_MODULE_NOT_FOUND' ? '. Is it built? npm ci && npm run build' : '';
  console.error(`postsnap: fatal: it can't be loaded: ${error.message}${nextStep}`);
  process.exit(BROKEN);
}
