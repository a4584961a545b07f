// What `npm start` shows: a snapshot of a sample queue, restored into another queue that holds mail of the same names.
// It works in a temporary directory, and needs neither Postfix nor root.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TextListing } from '../dist/cli/output/listing-text.js';
import { countOf, formatBytes } from '../dist/cli/output/quantity.js';
import { formatTable } from '../dist/cli/output/table.js';
import { backup, list, restore, verify } from '../dist/index.js';

const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url));
const QUEUES = ['maildrop', 'incoming', 'active', 'deferred', 'hold', 'corrupt', 'saved', 'defer', 'bounce', 'trace'];
const LOGS = new Set(['defer', 'bounce', 'trace']);
/** Other mail, for the queue that is restored into. */
const OTHER_MAIL = ['multi-recipient', 'smtputf8', 'null-sender', 'eight-bit'];

const scratch = mkdtempSync(join(tmpdir(), 'postsnap-demo-'));
try {
  await demonstrate();
} finally {
  rmSync(scratch, { recursive: true });
}

async function demonstrate() {
  const source = join(scratch, 'old-server');
  const target = join(scratch, 'new-server');
  const archive = join(scratch, 'queue.tar.zst');
  makeSourceQueue(source);
  makeTargetQueue(target, source);

  const backupReport = await showBackup(source, archive);
  await showListing(archive);
  const before = filesOf(target);
  const mappings = await showRestore(archive, target);
  const after = filesOf(target);
  showQueues(before, after);
  showClashes(before, after, mappings);
  const untouched = showProof(before, after);
  const repeated = await showRepetition(archive, target);

  const restored = mappings.filter((mapping) => mapping.action === 'restored').length;
  if (!untouched || repeated !== 0 || restored !== backupReport.messages) {
    throw new Error('the demonstration did not go as it must');
  }
  heading('That was it');
  print('Everything is cleaned up. README.md tells how to do it with your own queue.');
}

/** git keeps neither modes nor times: they are in a file beside the sample. */
function makeSourceQueue(directory) {
  cpSync(join(FIXTURES, 'sample-queue'), directory, { recursive: true });
  makeQueueDirectories(directory);
  const { files } = JSON.parse(readFileSync(join(FIXTURES, 'sample-queue.json'), 'utf8'));
  for (const [name, { mode, mtime }] of Object.entries(files)) {
    chmodSync(join(directory, name), Number.parseInt(mode, 8));
    utimesSync(join(directory, name), Number(mtime), Number(mtime));
  }
}

/** Other mail under names that messages of the source have: in the same queue, and one in another. */
function makeTargetQueue(directory, source) {
  makeQueueDirectories(directory);
  const messages = [...filesOf(source).keys()].filter((path) => !LOGS.has(queueOf(path)));
  const ofQueue = (name) => messages.filter((path) => queueOf(path) === name);
  const held = ofQueue('hold')[0];
  const names = [...ofQueue('deferred').slice(0, 2), held, join('incoming', basename(held))];
  for (const [index, name] of names.entries()) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    copyFileSync(join(FIXTURES, 'queue-files', `${OTHER_MAIL[index]}.queue`), path);
    chmodSync(path, 0o700);
  }
}

function makeQueueDirectories(directory) {
  for (const queue of QUEUES) {
    mkdirSync(join(directory, queue), { recursive: true, mode: 0o700 });
  }
}

/** Sample and scratch queue belong to whoever runs this, as those of Postfix belong to its mail_owner. */
function settings(queueDirectory) {
  const overrides = {
    mail_owner: userInfo().username,
    hash_queue_names: 'deferred, defer',
    hash_queue_depth: '1',
    enable_long_queue_ids: 'no',
    // The sample grows old, and a restore warns of mail that Postfix would return.
    maximal_queue_lifetime: '36500d',
  };
  return { queueDirectory, overrides };
}

async function showBackup(source, archive) {
  heading('1. A snapshot of the old server');
  const report = await backup({ archive, ...settings(source) }, { onEvent: showWarning });
  const took = countOf(report.messages, 'message');
  print(`$ postsnap backup ${basename(archive)}`);
  print(
    `${took} and ${countOf(report.logs, 'log')} (${formatBytes(report.bytes)}) in one file of ${formatBytes(report.archive_bytes)}.`,
  );
  const { ok } = await verify({ archive });
  print(`$ postsnap verify ${basename(archive)}`);
  print(ok ? 'Every digest and every queue file is right.' : 'The archive is damaged!');
  return report;
}

async function showListing(archive) {
  print(`\n$ postsnap list ${basename(archive)}`);
  const listing = new TextListing(false);
  const lines = [];
  await list({ archive, onMessage: (message) => lines.push(listing.message(message)) });
  print(`${lines.join('')}${listing.trailer()}`.trimEnd());
}

async function showRestore(archive, target) {
  heading('2. Into the queue of the new server, which holds other mail');
  const mappings = [];
  const onMapping = (mapping) => mappings.push(mapping);
  const report = await restore({ archive, ...settings(target), onMapping }, { onEvent: showWarning });
  print(`$ postsnap restore ${basename(archive)}`);
  print(`${countOf(report.restored, 'message')} restored, ${report.damaged + report.failed} left out.`);
  return mappings;
}

function showQueues(before, after) {
  const rows = QUEUES.map((queue) => [queue, String(count(before, queue)), String(count(after, queue))]);
  const shown = rows.filter(([, was, is]) => was !== '0' || is !== '0');
  print(`\n${formatTable([['files in', 'before', 'after'], ...shown], ['left', 'right', 'right'])}`.trimEnd());
}

function count(files, queue) {
  return [...files.keys()].filter((path) => queueOf(path) === queue).length;
}

function showClashes(before, after, mappings) {
  heading('3. Names that were taken');
  print('Unpacking with tar would have replaced mail, or given it the logs of a stranger. Instead:\n');
  const holders = new Map([...before.keys()].map((path) => [basename(path), path]));
  for (const mapping of mappings) {
    const holder = holders.get(mapping.queue_id);
    if (holder === undefined) {
      continue;
    }
    const now = `${mapping.new_queue_name}/${mapping.new_queue_id}`;
    const logs = [...after.keys()].filter((path) => basename(path) === mapping.new_queue_id && LOGS.has(queueOf(path)));
    const withLogs =
      logs.length === 0 ? '' : `, and its ${logs.map((path) => queueOf(path)).join(' and ')} log with it`;
    print(`  ${mapping.queue_id} belongs to other mail in ${queueOf(holder)}.`);
    print(`    ${mapping.queue_name}/${mapping.queue_id} became ${now}${withLogs}.`);
  }
}

function showProof(before, after) {
  heading('4. What was there is what it was');
  const rows = [['file', 'sha256 before', 'sha256 after', '']];
  let untouched = true;
  for (const [path, was] of before) {
    const is = after.get(path);
    const same = is !== undefined && JSON.stringify(is) === JSON.stringify(was);
    untouched &&= same;
    rows.push([path, was.sha256.slice(0, 16), is?.sha256.slice(0, 16) ?? 'gone', same ? 'same' : 'CHANGED']);
  }
  print(formatTable(rows, ['left', 'left', 'left', 'left']).trimEnd());
  print(untouched ? '\nThe same bytes, inodes, modes, owners and times.' : '\nSomething was changed!');
  return untouched;
}

async function showRepetition(archive, target) {
  heading('5. The same command once more');
  const files = filesOf(target).size;
  const report = await restore({ archive, ...settings(target) }, { onEvent: showWarning });
  const present = report.already_present + report.already_restored;
  print(`$ postsnap restore ${basename(archive)}`);
  print(`${countOf(report.restored, 'message')} restored: ${present} are there already. Nothing is ever sent twice.`);
  return report.restored + filesOf(target).size - files;
}

/** The queue of a path in a queue directory. */
function queueOf(path) {
  return path.split('/')[0];
}

/** All files of the queues by path, with everything that must not change. */
function filesOf(directory) {
  const paths = QUEUES.flatMap((queue) =>
    readdirSync(join(directory, queue), { recursive: true }).map((name) => join(queue, name)),
  );
  const files = new Map();
  for (const path of paths.sort((a, b) => a.localeCompare(b))) {
    const { mode, uid, gid, size, ino, mtimeMs, ...status } = lstatSync(join(directory, path));
    if ((mode & 0o170000) !== 0o100000) {
      continue;
    }
    const sha256 = createHash('sha256')
      .update(readFileSync(join(directory, path)))
      .digest('hex');
    files.set(path, { sha256, mode, uid, gid, size, ino, mtimeMs, links: status.nlink });
  }
  return files;
}

function showWarning(event) {
  if (event.kind === 'warning') {
    print(`warning: ${event.message}`);
  }
}

function heading(text) {
  const line = process.stdout.isTTY === true ? `\u001b[1m${text}\u001b[0m` : text;
  print(`\n${line}\n${'─'.repeat(text.length)}`);
}

function print(text) {
  console.log(text);
}
