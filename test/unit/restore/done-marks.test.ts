/** Recipients that the mail log calls done are marked in the staged file, by the one byte that Postfix itself writes. */

import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { bytesSource } from '../../../src/byte-source.ts';
import type { FileSystem } from '../../../src/fs/file-system.ts';
import { nodeFileSystem } from '../../../src/fs/node-file-system.ts';
import type { LoggedRecipient } from '../../../src/mail-log/logged-message.ts';
import { examineQueueFile } from '../../../src/record/examine.ts';
import { fingerprintOf } from '../../../src/record/fingerprint.ts';
import { type StageOutcome, stageRun } from '../../../src/restore/stage-job.ts';
import { archivedFile, frameRun, messageLine } from '../../support/archive/archived-file.ts';
import { errnoError } from '../../support/disk/errno-error.ts';

const CONTENT = readFileSync(join(import.meta.dirname, '../../../fixtures/queue-files/multi-recipient.queue'));
const PATH = 'deferred/ABCDE12345';
const NOW = 1_700_000_000_000_000_000n;

const directory = mkdtempSync(join(tmpdir(), 'postsnap-marks-'));
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function stage(
  done: readonly LoggedRecipient[],
  pieceSize: number,
  fs: FileSystem = nodeFileSystem,
): StageOutcome | undefined {
  nodeFileSystem.mkdir(directory, 0o700);
  const line = messageLine(PATH, CONTENT);
  const { frames } = frameRun([line]);
  const entries = () => [archivedFile(PATH, CONTENT, pieceSize)];
  const item = { index: 0, kind: 'message', destination: 'deferred', mtimeNs: NOW, done } as const;
  const run = { run: { frames, lines: [line] }, items: [item], nowNs: NOW, stagingDirectory: directory };
  return stageRun({ fs, reader: { entries }, limits: {} }, run)[0];
}

function addressesOf(content: Uint8Array): { address: string; done: boolean }[] {
  return examineQueueFile(bytesSource(content), 'deferred').envelope.recipients.map(({ address, done }) => ({
    address: Buffer.from(address).toString(),
    done,
  }));
}

it.each([100, 400])('in pieces of %d bytes', (pieceSize) => {
  rmSync(directory, { recursive: true, force: true });
  const [first, ...others] = addressesOf(CONTENT);
  expect([first?.done, others.length > 0]).toEqual([false, true]);
  const outcome = stage([{ to: first?.address ?? '' }, { to: 'nobody@example.net' }], pieceSize);
  const path = join(directory, '0/0.message');
  const staged = readFileSync(path);
  expect(addressesOf(staged)).toEqual([{ ...first, done: true }, ...others]);
  const different = [...staged].filter((byte, at) => byte !== CONTENT[at]);
  expect([staged.length, different]).toEqual([CONTENT.length, [0x44]]);
  const fingerprints = [staged, CONTENT].map((content) =>
    fingerprintOf(bytesSource(content), examineQueueFile(bytesSource(content), 'deferred').mutableBytes),
  );
  expect(fingerprints[0]).toBe(fingerprints[1]);
  const sha256 = createHash('sha256').update(staged).digest('hex');
  expect(outcome).toMatchObject({ kind: 'staged', file: { sha256 } });
  expect([statSync(path).mode & 0o777, Math.floor(statSync(path).mtimeMs)]).toEqual([0o600, Number(NOW / 1_000_000n)]);
});

it('of nobody, the file is that of the archive, and has its digest', () => {
  const outcome = stage([{ to: 'nobody@example.net' }], 100);
  expect(outcome).toMatchObject({ kind: 'staged' });
  expect(readFileSync(join(directory, '0/0.message'))).toEqual(CONTENT);
  expect(outcome).not.toHaveProperty('file.sha256');
});

it('a mark that can not be written ends the staging', () => {
  const [first] = addressesOf(CONTENT);
  const fs: FileSystem = {
    ...nodeFileSystem,
    write: (fd, bytes, position) => {
      if (bytes.length === 1) {
        throw errnoError('EIO', 'write');
      }
      nodeFileSystem.write(fd, bytes, position);
    },
  };
  expect(() => stage([{ to: first?.address ?? '' }], 100, fs)).toThrow('EIO');
  expect(readdirSync(directory)).toEqual(['0']);
});
