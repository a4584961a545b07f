#!/bin/sh
// 2>/dev/null; { true 3>&1; } 2>/dev/null || exec 1</dev/null; case $(ulimit -v) in ?|??|???|????|?????|??????) echo 'postsnap: fatal: too little memory may be addressed for Node.js (ENOMEM). Allow more: ulimit -v unlimited' >&2; exit 71;; esac; case $(ulimit -n) in ?|1?|2[0-3]) echo 'postsnap: fatal: too few files may be open at once for Node.js (EMFILE). Allow more: ulimit -n 256' >&2; exit 71;; esac; exec env MALLOC_ARENA_MAX=2 node --max-semi-space-size=8 "$0" "$@"

// The line above is a comment to Node.js, and a command to the shell. It bounds what later can't be bounded: how far the
// room for new objects grows (to 128 MB in Node.js 24), and how many heaps malloc of glibc keeps for the threads. Without
// it a million messages take 150 MB more (docs/performance.md). And where stdout is closed it puts something there that
// can't be written to: Node.js would open /dev/null for reading and writing, and all would be lost without an error. Where
// less than 1 GB may be addressed, or fewer than 24 files may be open, Node.js ends before it can say a word of this program's.
import { closeSync, openSync, readFileSync } from 'node:fs';

/** EX_SOFTWARE of sysexits.h. Node's own status for what nobody caught, 1, would mean that the work was done. */
const BROKEN = 70;
/** EX_OSERR: the system refuses what every command takes. */
const REFUSED = 71;
/** More than the command and two threads have open at once while they load; and so many that nothing ends half-way. */
const DESCRIPTORS = 48;

const BOUND = '--max-semi-space-size';

// Started as `node bin/postsnap.js`, the shell has set no bounds: the process becomes what the shell would have started.
// Node.js before 22.15 can't do that; its room for new objects does not grow so far.
const isUnbounded = process.execArgv.findIndex((option) => option.startsWith(BOUND)) < 0;
if (isUnbounded && process.execve !== undefined) {
  const command = [process.execPath, ...process.execArgv, `${BOUND}=8`, ...process.argv.slice(1)];
  process.execve(process.execPath, command, { ...process.env, MALLOC_ARENA_MAX: '2' });
}

const shortage = goneDirectory() ?? fewDescriptors();
if (shortage !== undefined) {
  console.error(`postsnap: fatal: ${shortage}`);
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

/** No thread starts there, and what a relative name means nobody can tell. */
function goneDirectory() {
  try {
    process.cwd();
    return undefined;
  } catch (error) {
    return `the working directory is gone (${error.code}). Change into one that is there: cd /`;
  }
}

/** The modules are files, too: with too few descriptors it would end at any of them. */
function fewDescriptors() {
  const opened = [];
  try {
    while (opened.length < DESCRIPTORS) {
      opened.push(openSync('/dev/null'));
    }
    return undefined;
  } catch (error) {
    return error.code === 'EMFILE'
      ? `too few files may be open at once: ${DESCRIPTORS} are needed, and ${opened.length} are left (EMFILE). Allow more: ulimit -n 256`
      : undefined;
  } finally {
    for (const descriptor of opened) {
      closeSync(descriptor);
    }
  }
}
