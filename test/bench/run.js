// npm run bench -- [options]: postsnap and its peers on the same queue, taking turns. Build first.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { missingCommands, PEERS, postsnap, remove, runToEnd, sizeOf } from './contenders.js';
import { makeQueue } from './queue.js';
import { formatTable } from './statistics.js';
import { ratios, TIME_HEADINGS, takeTurns, timeCells } from './turns.js';

const { values: options } = parseArgs({
  options: {
    messages: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    sizes: { type: 'string', default: 'mail' },
    runs: { type: 'string', default: '5' },
    /** Each is measured: /dev/shm is in memory. */
    directory: { type: 'string', multiple: true, default: ['/dev/shm', tmpdir()] },
    /** Each is measured. */
    node: { type: 'string', multiple: true, default: [process.execPath] },
    workers: { type: 'string' },
    /**
     * Removes nothing that was restored before all is measured. For ext4, which passes over inodes that were freed in the last
     * minutes one by one (recently_deleted() in fs/ext4/ialloc.c): each run would pay for the removal before it.
     */
    keep: { type: 'boolean', default: false },
    /** Names of peers to leave out. */
    without: { type: 'string', multiple: true, default: [] },
  },
});

const runs = Number(options.runs);
const extra = options.workers === undefined ? [] : ['--workers', options.workers];
const ours = options.node.map((node) => postsnap(node, extra));
const peers = PEERS.filter(isThere);

print(`${availableParallelism()} cores, Linux ${release()}, ${runs} runs after one that does not count`);
for (const directory of options.directory) {
  benchmarkIn(directory);
}

function isThere(peer) {
  if (options.without.includes(peer.name) === true) {
    return false;
  }
  const missing = missingCommands(peer);
  if (missing.length > 0) {
    print(`left out: ${peer.name}, since there is no ${missing.join(', ')}`);
  }
  return missing.length === 0;
}

function benchmarkIn(directory) {
  const work = mkdtempSync(join(directory, 'postsnap-bench-'));
  // postsnap, like Postfix, gives up root before it touches a queue.
  chmodSync(work, 0o755);
  try {
    const queue = join(work, 'queue');
    const totals = makeQueue(queue, {
      messages: Number(options.messages),
      seed: Number(options.seed),
      sizes: options.sizes,
    });
    print(`\n${directory}: ${totals.messages} messages and ${totals.logs} logs, ${megabytes(totals.bytes)}\n`);
    const contenders = [...ours, ...peers];
    const backups = takeTurns(contenders, runs, (contender) => backUp(contender, { work, queue }));
    report('backup', backups, (contender) => megabytes(sizeOf(contender.archive(work))));
    const restores = takeTurns(contenders, runs, (contender) => putBack(contender, work));
    report('restore', restores, () => '');
  } finally {
    rmSync(work, { recursive: true });
  }
}

function backUp(contender, { work, queue }) {
  const archive = contender.archive(work);
  remove(archive);
  const prepared = contender.backup({ queue, archive });
  settle();
  return runToEnd(prepared);
}

function putBack(contender, work) {
  const target = mkdtempSync(join(work, 'target-'));
  chmodSync(target, 0o755);
  const prepared = contender.restore({ work, target, archive: contender.archive(work) });
  settle();
  const taken = runToEnd(prepared);
  if (options.keep !== true) {
    rmSync(target, { recursive: true });
  }
  return taken;
}

/** What was written before is not to slow down what is measured next. */
function settle() {
  spawnSync('sync');
}

/** The second of each pair of ratios is that of processor time, which other work on the machine disturbs less. */
function report(what, measured, sizeText) {
  const heading = [what, ...TIME_HEADINGS, 'size', ...peers.map((peer) => `to ${peer.name}`)];
  const rows = [...measured].map(([contender, runs]) => [
    contender.name,
    ...timeCells(runs),
    sizeText(contender),
    ...peers.map((peer) => (peer === contender ? '' : ratios(runs, measured.get(peer)))),
  ]);
  print(`${formatTable([heading, ...rows])}\n`);
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function print(text) {
  process.stdout.write(`${text}\n`);
}
