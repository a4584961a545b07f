// Makes a queue directory full of mail, as a relay has whose destinations are down.
import {
  chownSync,
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  futimesSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DEFAULT_LAYOUT, queueFilePath } from '../../dist/queue/layout.js';
import { formatShortQueueId } from '../../dist/queue/queue-id.js';
import { createLetterWriter } from './letter.js';
import { logEntry, maildropFile, queueFile } from './queue-file.js';
import { createRandom } from './random.js';

const QUEUES = [
  'maildrop',
  'incoming',
  'active',
  'deferred',
  'hold',
  'corrupt',
  'saved',
  'defer',
  'bounce',
  'trace',
  'flush',
];

/** How big the letters are, and how many of them have an attachment. Sizes in bytes. */
export const LETTER_SIZES = {
  mail: { median: 6 * 1024, spread: 1, attachments: 0.002, attachmentMedian: 500 * 1024, attachmentSpread: 0.6 },
  tiny: { median: 800, spread: 0.1, attachments: 0, attachmentMedian: 0, attachmentSpread: 0 },
};

/** Where messages stand: the share of each queue. */
const SHARES = [
  ['deferred', 0.88],
  ['hold', 0.05],
  ['incoming', 0.05],
  ['maildrop', 0.02],
];
/** Of deferred messages, those with a bounce log: another recipient failed. */
const BOUNCED = 0.02;
const FIRST_ARRIVAL = 1_790_000_000;
const SECONDS_BETWEEN = 3;
const DEFERRED_FOR = 1000;
const MICROSECONDS = 1_000_000;

/** The owner of Postfix's queue files, or ourselves. */
export function mailOwner() {
  const mine = { uid: process.getuid(), gid: process.getgid() };
  if (mine.uid !== 0) {
    return mine;
  }
  const line = readFileSync('/etc/passwd', 'latin1').match(/^postfix:[^:]*:(\d+):(\d+):/m);
  return line === null ? mine : { uid: Number(line[1]), gid: Number(line[2]) };
}

/** Makes the directories of an empty queue directory. */
export function makeQueueDirectory(directory) {
  const { uid, gid } = mailOwner();
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  for (const queue of QUEUES) {
    mkdirSync(join(directory, queue), { mode: queue === 'maildrop' ? 0o730 : 0o700 });
    chownSync(join(directory, queue), uid, gid);
  }
}

/**
 * Fills a new queue directory with mail. Only the inode numbers, and with them the names, differ from run to run.
 *
 * @returns how many messages and logs there are, and their bytes
 */
export function makeQueue(directory, { seed = 1, messages = 20_000, sizes = 'mail' } = {}) {
  makeQueueDirectory(directory);
  const random = createRandom(seed);
  const writeLetter = createLetterWriter(random);
  const place = createPlacer(directory);
  const totals = { messages: 0, logs: 0, bytes: 0 };

  for (let number = 0; number < messages; number += 1) {
    const queueName = chooseQueue(random);
    const seconds = FIRST_ARRIVAL + number * SECONDS_BETWEEN;
    const host = `mx.example${random.integer(300)}.net`;
    const envelope = {
      seconds,
      microseconds: random.integer(MICROSECONDS),
      sender: `sender${random.integer(2000)}@example.com`,
      recipient: `user${random.integer(100_000)}@${host.slice(3)}`,
      date: new Date(seconds * 1000).toUTCString().replace('GMT', '+0000 (UTC)'),
    };
    const letter = chooseSize(random, LETTER_SIZES[sizes]);
    const { queueId, recipientOffset, size } = place.message({ queueName, envelope }, (id) => {
      const lines = writeLetter({ ...envelope, queueId: id }, letter);
      return queueName === 'maildrop'
        ? { bytes: maildropFile(envelope, lines) }
        : queueFile({ ...envelope, queueId: id }, lines);
    });
    totals.messages += 1;
    totals.bytes += size;
    for (const log of logsOf(random, queueName)) {
      const entry = logEntry({ recipient: envelope.recipient, recipientOffset, host }, log);
      place.log({ queueName: log.queueName, queueId, seconds }, entry);
      totals.logs += 1;
      totals.bytes += entry.length;
    }
  }
  return totals;
}

function chooseQueue(random) {
  let rest = random.next();
  for (const [queueName, share] of SHARES) {
    rest -= share;
    if (rest < 0) {
      return queueName;
    }
  }
  return 'deferred';
}

function chooseSize(random, { median, spread, attachments, attachmentMedian, attachmentSpread }) {
  const attachmentSize =
    random.next() < attachments ? Math.floor(random.logNormal(attachmentMedian, attachmentSpread)) : 0;
  return { size: Math.floor(random.logNormal(median, spread)) + attachmentSize, attachmentSize };
}

function logsOf(random, queueName) {
  if (queueName !== 'deferred') {
    return [];
  }
  const defer = { queueName: 'defer', status: '4.4.1', action: 'delayed' };
  const bounce = { queueName: 'bounce', status: '5.4.1', action: 'failed' };
  return random.next() < BOUNCED ? [defer, bounce] : [defer];
}

/** Writes files to where Postfix has them: the name of a message carries the number of its inode. */
function createPlacer(directory) {
  const owner = process.getuid() === 0 ? mailOwner() : undefined;
  const made = new Set();
  const pathOf = (queueName, id) => {
    const path = join(directory, queueFilePath(DEFAULT_LAYOUT, queueName, id));
    const parent = dirname(path);
    if (!made.has(parent)) {
      mkdirSync(parent, { recursive: true, mode: 0o700 });
      if (owner !== undefined) {
        chownSync(parent, owner.uid, owner.gid);
      }
      made.add(parent);
    }
    return path;
  };
  const finish = (fd, { bytes, mode, seconds }) => {
    writeSync(fd, bytes);
    if (owner !== undefined) {
      fchownSync(fd, owner.uid, owner.gid);
    }
    fchmodSync(fd, mode);
    futimesSync(fd, seconds, seconds);
    closeSync(fd);
  };
  return {
    message({ queueName, envelope }, contentOf) {
      const unnamed = join(directory, queueName, '.new');
      const fd = openSync(unnamed, 'wx', 0o600);
      const { microseconds, seconds } = envelope;
      const queueId = formatShortQueueId({ microseconds, inode: fstatSync(fd, { bigint: true }).ino });
      const { bytes, recipientOffset } = contentOf(queueId.text);
      const mode = queueName === 'maildrop' ? 0o744 : 0o700;
      finish(fd, { bytes, mode, seconds: queueName === 'deferred' ? seconds + DEFERRED_FOR : seconds });
      renameSync(unnamed, pathOf(queueName, queueId));
      return { queueId, recipientOffset, size: bytes.length };
    },
    log({ queueName, queueId, seconds }, bytes) {
      finish(openSync(pathOf(queueName, queueId), 'wx', 0o600), { bytes, mode: 0o600, seconds });
    },
  };
}
