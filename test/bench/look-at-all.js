// node test/bench/look-at-all.js DIRECTORY [messages]: the least that Node.js takes to list a queue and to look at its files.
import { lstatSync, readdirSync } from 'node:fs';

const [directory, which] = process.argv.slice(2);
const MESSAGES = ['maildrop', 'incoming', 'active', 'deferred', 'hold', 'corrupt', 'saved'];
const LOGS = ['defer', 'bounce', 'trace'];

function list(path, looks) {
  for (const name of readdirSync(path)) {
    const below = `${path}/${name}`;
    if (name.length === 1) {
      list(below, looks);
    } else if (looks === true) {
      lstatSync(below, { bigint: true });
    }
  }
}

for (const name of [...MESSAGES, ...LOGS]) {
  list(`${directory}/${name}`, which !== 'messages' || MESSAGES.includes(name));
}
