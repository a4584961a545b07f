// node test/bench/make-queue.js DIRECTORY [--messages N] [--seed N] [--sizes mail|tiny]: makes a queue directory.
import { parseArgs } from 'node:util';
import { makeQueue } from './queue.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    messages: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    sizes: { type: 'string', default: 'mail' },
  },
});
const [directory] = positionals;
if (directory === undefined) {
  throw new Error('which directory?');
}
const totals = makeQueue(directory, {
  messages: Number(values.messages),
  seed: Number(values.seed),
  sizes: values.sizes,
});
process.stdout.write(`${totals.messages} messages, ${totals.logs} logs, ${Math.round(totals.bytes / 1e6)} MB\n`);
