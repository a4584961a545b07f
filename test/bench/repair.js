// npm run bench:repair -- [options]: a sound queue, looked over by postsuper and by postsnap, taking turns. As root.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeConfiguration, POSTSNAP, runToEnd } from './contenders.js';
import { makeQueue } from './queue.js';
import { formatTable } from './statistics.js';
import { ratios, TIME_HEADINGS, takeTurns, timeCells } from './turns.js';

const { values: options } = parseArgs({
  options: {
    messages: { type: 'string', default: '100000' },
    sizes: { type: 'string', default: 'tiny' },
    runs: { type: 'string', default: '5' },
    /** Each is measured: /dev/shm is in memory. */
    directory: { type: 'string', multiple: true, default: ['/dev/shm', tmpdir()] },
  },
});
const LOOK_AT_ALL = fileURLToPath(new URL('look-at-all.js', import.meta.url));

print(`${availableParallelism()} cores, Linux ${release()}, Node.js ${process.version}, ${options.runs} runs`);
for (const directory of options.directory) {
  benchmarkIn(directory);
}

function contendersFor(work, queue) {
  const configuration = makeConfiguration(join(work, 'etc'), queue);
  const repair = [POSTSNAP, 'repair', '--no-progress', '-c', configuration];
  // Status 0 of each run says that nothing was found: all did the whole work.
  runToEnd({ command: [...repair, '--only', 'directories'] });
  return [
    { name: 'postsuper -sv', command: ['postsuper', '-c', configuration, '-sv'] },
    { name: 'repair -n --only names', command: [...repair, '-n', '--only', 'names'] },
    { name: 'repair -n', command: [...repair, '-n'] },
    { name: 'Node.js: list all, lstat messages', command: [process.execPath, LOOK_AT_ALL, queue, 'messages'] },
    { name: 'Node.js: list all, lstat all', command: [process.execPath, LOOK_AT_ALL, queue] },
    { name: 'repair -n of an empty queue', command: emptyRun(work) },
  ];
}

function emptyRun(work) {
  const queue = join(work, 'empty');
  makeQueue(queue, { messages: 0 });
  const repair = [POSTSNAP, 'repair', '--no-progress', '-c', makeConfiguration(join(work, 'etc-empty'), queue)];
  runToEnd({ command: [...repair, '--only', 'directories'] });
  return [...repair, '-n'];
}

function benchmarkIn(directory) {
  const work = mkdtempSync(join(directory, 'postsnap-bench-'));
  chmodSync(work, 0o755);
  try {
    const queue = join(work, 'queue');
    const totals = makeQueue(queue, { messages: Number(options.messages), sizes: options.sizes });
    print(
      `\n${directory}: ${totals.messages} messages and ${totals.logs} logs, ${Math.round(totals.bytes / 1e6)} MB\n`,
    );
    const contenders = contendersFor(work, queue);
    const measured = takeTurns(contenders, Number(options.runs), runToEnd);
    const peer = measured.get(contenders[0]);
    const rows = contenders.map((one) => {
      const runs = measured.get(one);
      return [one.name, ...timeCells(runs), runs === peer ? '' : ratios(runs, peer)];
    });
    print(`${formatTable([['look', ...TIME_HEADINGS, 'to postsuper -sv'], ...rows])}\n`);
  } finally {
    rmSync(work, { recursive: true });
  }
}

function print(text) {
  process.stdout.write(`${text}\n`);
}
