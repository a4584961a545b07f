/** Queues that hold anything: real queue files and logs with bytes changed, left out and added, beside sound mail. */

import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { LOG_QUEUES, MESSAGE_QUEUES, QUEUES } from '../../src/queue/queue-name.ts';
import { encodeRecord } from '../../src/record/record.ts';
import { seededRandom } from '../support/disk/random.ts';
import { ENVELOPE, maildropFile, queueFile } from '../support/queue/queue-file-builder.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/queue-files');
const NAMES = readdirSync(FIXTURES);
const read = (ending: string): Buffer[] =>
  NAMES.filter((name) => name.endsWith(ending)).map((name) => readFileSync(join(FIXTURES, name)));
const MESSAGES = [...read('.queue'), queueFile(), maildropFile()];
const LOGS = [...read('.defer'), ...read('.bounce')];

const MODES = [0o700, 0o700, 0o700, 0o744, 0o710, 0o600, 0o644, 0o400, 0o755, 0o777, 0o750];
const LETTERS = 'TSRDOFLNXEMCAKpPwWIinort/<>\0zQ';
/** Payloads that once broke something, or may. */
const PAYLOADS = [
  '',
  '0',
  '-1',
  '-5',
  '99999999999999999999',
  '9007199254740993 1',
  '1700000000 -5',
  '1700000000 1000000',
  '-99999999999999999999999999999999 7',
  '               0               0               0               0               0               0',
  '99999999999999999999 99999999999999999999 1 0 99999999999999999999 99999999999999999999',
  'create_time=99999999999999999999',
  'trace_flags=8',
  'dsn_orig_rcpt=rfc822;x@example.org',
  'notify_flags=99999999999',
  'a=\0b',
  '\xff\xfe\ud83d',
  '"\\\n\t"@example.org',
];
const LOG_PIECES = ['\n', '\n\n', 'x\n\n', '<>: \n\n', 'recipient=\nreason=\n\n', 'offset=-1\n', '\0', '<a>: b\n'];

export type Random = () => number;

export function randomOf(seed: number): Random {
  return seededRandom(seed);
}

function pick<Value>(random: Random, values: readonly Value[]): Value {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) {
    throw new RangeError('nothing to pick from');
  }
  return value;
}

/** Mostly short; now and then beyond every limit that there is. */
function longText(random: Random): string {
  const length = random() < 0.0003 ? 9_000_000 : random() < 0.01 ? 70_000 : random() < 0.1 ? 9000 : 300;
  return pick(random, ['a', '\n', '"', '\xe9', '1', '\0']).repeat(Math.floor(random() * length));
}

function anyBytes(random: Random, kind: 'records' | 'log'): Buffer {
  if (kind === 'log') {
    return Buffer.from(
      random() < 0.7 ? pick(random, LOG_PIECES).repeat(1 + Math.floor(random() * 50)) : longText(random),
    );
  }
  const payload = random() < 0.7 ? pick(random, PAYLOADS) : longText(random);
  const letter = pick(random, Array.from(LETTERS)).charCodeAt(0);
  const record = Buffer.from(encodeRecord(letter, Buffer.from(payload, 'latin1')));
  const times = random() < 0.02 ? Math.ceil(100_000 / (record.length + 1)) : 1;
  return times === 1 ? record : Buffer.concat(Array.from({ length: times }, () => record));
}

/** A few changes of a file. */
function mutated(random: Random, file: Buffer, kind: 'records' | 'log'): Buffer {
  let bytes = Buffer.from(file);
  for (let changes = 1 + Math.floor(random() * random() * 4); changes > 0; changes -= 1) {
    const at = Math.floor(random() * random() * (bytes.length + 1));
    const end = Math.min(bytes.length, at + Math.floor(random() * 40));
    switch (Math.floor(random() * 6)) {
      case 0:
        bytes[at] = Math.floor(random() * 256);
        break;
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, at), anyBytes(random, kind), bytes.subarray(at)]);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
        break;
      case 4:
        bytes = bytes.subarray(0, Math.floor(random() * bytes.length));
        break;
      default:
        // Digits become other digits: sizes, times, offsets of pointers.
        bytes = Buffer.from(
          bytes
            .toString('latin1')
            .replace(/\d{3,}/g, (digits) =>
              random() < 0.3
                ? pick(random, ['99999999999999999999', '-1', '0', '-9'])
                    .slice(0, digits.length)
                    .padStart(digits.length)
                : digits,
            ),
          'latin1',
        );
    }
  }
  return bytes;
}

export interface MadeFile {
  readonly path: string;
  readonly queueName: string;
  readonly queueId: string;
  readonly content: Buffer;
}

export function makeQueues(directory: string): string {
  for (const { name } of QUEUES) {
    mkdirSync(join(directory, name), { recursive: true, mode: 0o700 });
  }
  return directory;
}

let serial = 0;

/** Puts a file into a queue under a short ID that is true to its inode. */
function put(directory: string, queueName: string, content: Buffer): MadeFile {
  serial += 1;
  const draft = join(directory, 'draft');
  writeFileSync(draft, content);
  const inode = statSync(draft, { bigint: true }).ino.toString(16).toUpperCase();
  const queueId = `${(serial % 1_000_000).toString(16).toUpperCase().padStart(5, '0')}${inode}`;
  const path = join(directory, queueName, queueId);
  renameSync(draft, path);
  return { path, queueName, queueId, content };
}

const SOUND_QUEUES = ['maildrop', 'incoming', 'active', 'deferred', 'hold'] as const;

/** Sound mail that no other is alike. */
export function putSound(random: Random, directory: string): MadeFile {
  serial += 1;
  const queueName = pick(random, SOUND_QUEUES);
  const envelope = ENVELOPE.map((record) =>
    record[0] === 'T' ? (['T', `1700000000 ${1 + (serial % 999_999)}`] as const) : record,
  );
  const content = [
    ['N', `Subject: ${serial}`],
    ['N', ''],
    ['N', 'Hello.'],
  ] as const;
  const file = queueName === 'maildrop' ? maildropFile({ envelope, content }) : queueFile({ envelope, content });
  const made = put(directory, queueName, file);
  chmodSync(made.path, queueName === 'maildrop' ? 0o744 : 0o700);
  return made;
}

/** Mail that anything was done to, with logs of the same kind. */
export function putMutated(random: Random, directory: string): MadeFile {
  const made = put(directory, pick(random, MESSAGE_QUEUES), mutated(random, pick(random, MESSAGES), 'records'));
  for (const log of LOG_QUEUES.filter(() => random() < 0.3)) {
    writeFileSync(join(directory, log, made.queueId), mutated(random, pick(random, LOGS), 'log'), { mode: 0o600 });
  }
  const time = random() < 0.1 ? pick(random, [0, 1, 4_000_000_000, 2 ** 33]) : 1_700_000_000;
  utimesSync(made.path, time, time);
  chmodSync(made.path, pick(random, MODES));
  return made;
}
