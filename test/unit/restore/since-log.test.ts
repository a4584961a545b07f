/** What the mail log tells of the messages of an archive, and how much of the time since the snapshot it covers. */

import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { MessageLine } from '../../../src/format/catalogue-line.ts';
import { readSinceLog } from '../../../src/restore/since-log.ts';
import { makeTarget, requestFor, sampleArchive } from '../../support/restore/world.ts';

const HELD = '072AE210465';
/** Seconds behind the snapshot at which the logs are read. */
const READ_AT = 3600;

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** Reads logs of the sample archive; lines are so many seconds behind its snapshot. */
async function read(
  linesOf: (message: MessageLine, snapshot: number) => readonly (readonly [seconds: number, text: string])[],
) {
  const { archive } = await requestFor(await sampleArchive());
  const message = archive.find(HELD).find((line): line is MessageLine => line.kind === 'message');
  if (message === undefined) {
    throw new Error('the archive lacks its held message');
  }
  const snapshot = Math.ceil(Date.parse(archive.seal.finished) / 1000);
  const target = makeTarget({ now: () => new Date((snapshot + READ_AT) * 1000) });
  const directory = mkdtempSync(join(tmpdir(), 'postsnap-since-log-'));
  const path = join(directory, 'mail.log');
  writeFileSync(
    path,
    linesOf(message, snapshot)
      .map(([seconds, text]) => `${iso(snapshot + seconds)} mail ${text}\n`)
      .join(''),
  );
  const fd = openSync(path, 'r');
  onTestFinished(() => {
    closeSync(fd);
    rmSync(directory, { recursive: true });
  });
  const since = await readSinceLog(target.surroundings, { archive }, [{ name: 'mail.log', fd }]);
  return { since, snapshot, evidence: since.evidence(message), warnings: target.surroundings.warnings.list() };
}

function delivered({ sender, message_size, recipients, arrival_time }: MessageLine, snapshot: number) {
  const from = sender === 'MAILER-DAEMON' ? '' : sender;
  const delay = snapshot + 10 - arrival_time;
  return [
    [5, `postfix/qmgr[1]: ${HELD}: from=<${from}>, size=${message_size}, nrcpt=${recipients.length} (queue active)`],
    ...recipients.map(
      ({ address }) =>
        [
          10,
          `postfix/smtp[2]: ${HELD}: to=<${address}>, relay=mx[192.0.2.1]:25, delay=${delay}, delays=${delay}/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok)`,
        ] as const,
    ),
    [11, `postfix/qmgr[1]: ${HELD}: removed`],
  ] as const;
}

it('tells that a message is over that went out since', async () => {
  const { evidence, since, snapshot } = await read(delivered);
  expect(evidence).toEqual({ kind: 'over' });
  expect(since.report).toMatchObject({ from: iso(snapshot + 5), to: iso(snapshot + 11) });
});

it('tells nothing of a message that the log does not name', async () => {
  const { evidence, since } = await read(() => [[5, 'postfix/qmgr[1]: 0A16F210467: removed']]);
  expect(evidence).toEqual({ kind: 'none' });
  expect(since.report.lines).toBe(1);
});

it('takes no line of another instance for one of the source', async () => {
  const { evidence } = await read((message, snapshot) =>
    delivered(message, snapshot).map(([at, text]) => [at, text.replace('postfix/', 'postfix-out/')] as const),
  );
  expect(evidence).toEqual({ kind: 'none' });
});

it('names the time that an empty log leaves out', async () => {
  const { since } = await read(() => []);
  expect(since.report).toMatchObject({ lines: 0, from: null, to: null });
});

it('names a log that goes back, and passes over what stands behind', async () => {
  const { evidence, warnings } = await read((message, snapshot) => [
    [READ_AT - 1, 'postfix/qmgr[1]: 0A16F210467: removed'],
    [-READ_AT * 3, 'postfix/qmgr[1]: 0A16F210467: removed'],
    ...delivered(message, snapshot),
  ]);
  expect(evidence).toEqual({ kind: 'none' });
  expect(warnings).toEqual([expect.stringContaining('mail.log: its lines are not in the order of time')]);
});
