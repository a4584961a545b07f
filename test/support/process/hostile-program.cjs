// What somebody does who has taken over the process that works with mail_owner's rights: it is given to that process in
// place of its program. The setup says what is done.

const { readSync, writeSync } = require('node:fs');
const { deserialize } = require('node:v8');

const DOOR = 3;

function frame(text, claimed = Buffer.byteLength(text), bytes = 0) {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(claimed, 0);
  head.writeUInt32BE(bytes, 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

function send(value) {
  writeSync(DOOR, frame(JSON.stringify(value)));
}

function readFully(length) {
  const bytes = Buffer.alloc(length);
  for (let filled = 0; filled < length; ) {
    const count = readSync(DOOR, bytes, filled, length - filled, null);
    if (count === 0) {
      process.exit(9);
    }
    filled += count;
  }
  return bytes;
}

function receive() {
  const head = readFully(8);
  const text = readFully(head.readUInt32BE(0)).toString();
  return { text, bytes: readFully(head.readUInt32BE(4)) };
}

/** Asks, and ends with the answers as the report. */
function askAll(requests) {
  const answers = requests.map((request) => {
    send(request);
    const { text, bytes } = receive();
    return { ...JSON.parse(text), read: bytes.toString() };
  });
  send({ kind: 'report', report: { answers } });
}

const DEEDS = {
  ask: ({ requests }) => askAll(requests),
  'no-json': () => writeSync(DOOR, frame('{')),
  'too-long': () => writeSync(DOOR, frame('', 0xffff_ffff)),
  'raw-bytes': () => writeSync(DOOR, frame('', 0, 1)),
  'unknown-request': () => send(['become-root']),
  'a-way-up': () => send(['open', 'deferred/../../secret']),
  'unknown-told': () => send({ kind: 'exit', status: 0 }),
  'unknown-error': () => send({ kind: 'error', error: { kind: 'archive', code: 'none', message: 'm' } }),
  'bad-row': () => send({ kind: 'rows', rows: ['not of its form'] }),
  'bad-report': () => send({ kind: 'report', report: 'all is well' }),
  'ends-well-without-a-report': () => process.exit(0),
  dies: () => process.kill(process.pid, 'SIGKILL'),
  'half-a-frame': () => {
    writeSync(DOOR, frame('{"kind":', 100));
    process.exit(0);
  },
  'two-reports': () => {
    send({ kind: 'report', report: { answers: [] } });
    send({ kind: 'report', report: { answers: ['second'] } });
  },
};

exports.main = () => {
  const { setup } = deserialize(receive().bytes);
  DEEDS[setup.deed](setup);
  // Whoever wants to stay is ended by root.
  setInterval(() => undefined, 1000);
  if (setup.deed === 'ask' || setup.deed === 'two-reports') {
    setTimeout(() => process.exit(0), 50);
  }
};
