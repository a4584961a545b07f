// npm run bench -- [options]: postsnap and its peers on the same queue, taking turns. Build first.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { missingCommands, PEERS, postsnap, remove, runToEnd, sizeOf } from './contenders.js';
import { makeQueue } from './queue.js';
import { formatTable, median, pairedRatios } from './statistics.js';

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
    const backups = takeTurns(contenders, (contender) => backUp(contender, { work, queue }));
    report('backup', backups, (contender) => megabytes(sizeOf(contender.archive(work))));
    const restores = takeTurns(contenders, (contender) => putBack(contender, work));
    report('restore', restores, () => '');
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** One after the other, in an order that turns from run to run; the first run of each warms up. */
function takeTurns(contenders, measure) {
  const measured = new Map(contenders.map((contender) => [contender, []]));
  for (let run = 0; run <= runs; run += 1) {
    const first = run % contenders.length;
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      const taken = measure(contender);
      if (run > 0) {
        measured.get(contender).push(taken);
      }
    }
  }
  return measured;
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
  const heading = [what, 'median s', 'min to max', 'processor s', 'size', ...peers.map((peer) => `to ${peer.name}`)];
  const rows = [...measured].map(([contender, runs]) => {
    const times = secondsOf(runs);
    return [
      contender.name,
      median(times).toFixed(2),
      `${Math.min(...times).toFixed(2)} to ${Math.max(...times).toFixed(2)}`,
      median(processorSecondsOf(runs)).toFixed(2),
      sizeText(contender),
      ...peers.map((peer) => (peer === contender ? '' : ratios(runs, measured.get(peer)))),
    ];
  });
  print(`${formatTable([heading, ...rows])}\n`);
}

function ratios(runs, ofPeer) {
  return [secondsOf, processorSecondsOf]
    .map((figures) => median(pairedRatios(figures(runs), figures(ofPeer))).toFixed(2))
    .join(', ');
}

function secondsOf(runs) {
  return runs.map(({ seconds }) => seconds);
}

function processorSecondsOf(runs) {
  return runs.map(({ processorSeconds }) => processorSeconds);
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function print(text) {
  process.stdout.write(`${text}\n`);
}
