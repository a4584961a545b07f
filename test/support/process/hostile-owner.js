// node hostile-owner.js QUEUE_DIRECTORY CANARIES SECONDS SEED: what somebody does who has taken over the mail_owner account.
// It runs as mail_owner, knows which directories are his, and swaps them and their content for ways to root's files.

import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [queueDirectory = '', canaries = '', seconds = '1', seed = '1'] = process.argv.slice(2);
const end = Date.now() + Number(seconds) * 1000;
let state = Number(seed) >>> 0;
let swaps = 0;

function random(count) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * count);
}

function attempt(call) {
  try {
    call();
    return true;
  } catch {
    return false;
  }
}

const GOALS = ['secret', 'secret/etc', 'secret/queue', 'open', 'open/deferred'].map((name) => join(canaries, name));
const QUEUES = ['incoming', 'active', 'deferred', 'hold', 'maildrop', 'defer', 'bounce', 'corrupt', 'postsnap'];
const HEX = '0123456789ABCDEF';

/** A directory gives way to a link for a moment, and comes back. */
function swapDirectory(path) {
  const aside = `${path}.aside`;
  if (!attempt(() => renameSync(path, aside))) {
    return;
  }
  attempt(() => symlinkSync(GOALS[random(GOALS.length)], path));
  for (let spin = random(20_000); spin > 0; spin -= 1);
  attempt(() => unlinkSync(path));
  if (!attempt(() => renameSync(aside, path))) {
    // Somebody made it anew: both are kept.
    attempt(() => {
      for (const name of readdirSync(aside)) {
        attempt(() => renameSync(join(aside, name), join(path, name)));
      }
    });
    attempt(() => rmSync(aside, { recursive: true }));
  }
  swaps += 1;
}

/** A file gives way to a link, a hard link or a FIFO for a moment. */
function swapFile(path) {
  const aside = `${path}.aside`;
  if (!attempt(() => renameSync(path, aside))) {
    return;
  }
  const goal = join(GOALS[random(GOALS.length)], '1234500012F');
  const ways = [
    () => symlinkSync(goal, path),
    () => linkSync(goal, path),
    () => execFileSync('mkfifo', [path]),
    () => mkdirSync(path),
  ];
  attempt(ways[random(40) < 39 ? random(2) : 2 + random(2)] ?? (() => undefined));
  for (let spin = random(20_000); spin > 0; spin -= 1);
  attempt(() => rmSync(path, { recursive: true }));
  attempt(() => renameSync(aside, path));
  swaps += 1;
}

function anyFile(directory) {
  /** @type {import('node:fs').Dirent[]} */
  let names = [];
  attempt(() => {
    names = readdirSync(directory, { withFileTypes: true });
  });
  const entry = names[random(Math.max(1, names.length))];
  if (entry === undefined) {
    return undefined;
  }
  return entry.isDirectory() === true ? anyFile(join(directory, entry.name)) : join(directory, entry.name);
}

while (Date.now() < end) {
  const queue = QUEUES[random(QUEUES.length)] ?? 'deferred';
  const path = join(queueDirectory, queue);
  const choice = random(6);
  if (choice === 0) {
    // Works only where the queue directory itself is his.
    swapDirectory(path);
  } else if (choice <= 2) {
    /** @type {import('node:fs').Dirent[]} */
    let inner = [];
    attempt(() => {
      inner = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    });
    swapDirectory(join(path, inner[random(Math.max(1, inner.length))]?.name ?? HEX[random(16)]));
  } else if (choice <= 4) {
    const file = anyFile(path);
    if (file !== undefined) {
      swapFile(file);
    }
  } else {
    attempt(() => symlinkSync(GOALS[random(GOALS.length)], join(path, HEX[random(16)])));
    attempt(() => writeFileSync(join(path, `${random(1e9)}.tmp`), 'x', { mode: 0o600 }));
  }
}
process.stdout.write(`${swaps}\n`);
