import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { proveFile } from '../../../src/drill/file-proof.ts';
import { DEFAULT_LAYOUT } from '../../../src/queue/layout.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { putFile } from '../../support/disk/tree.ts';

const ID = '8D3F512345';
const CONTENT = 'a queue file';
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

function faultOf(prepare: (disk: SimulatedFileSystem) => void, queueName: 'deferred' | 'corrupt' = 'deferred') {
  const disk = new SimulatedFileSystem();
  for (const path of ['/q', '/q/deferred', '/q/deferred/8', '/q/corrupt']) {
    disk.mkdir(path, 0o700);
  }
  prepare(disk);
  const where = { fs: disk, queueDirectory: '/q', layout: DEFAULT_LAYOUT };
  return proveFile({ queueName, queueId: ID, sha256: SHA256 }, where);
}

const put = (path: string, file: { content?: string; mode?: number }) => (disk: SimulatedFileSystem) =>
  putFile(disk, path, { content: CONTENT, mode: 0o700, ...file });

describe('a restored file', () => {
  it('is right where its content, mode and place are', () => {
    const path = `/q/deferred/8/${ID}`;
    expect(faultOf(put(path, {}))).toEqual({ path, fault: undefined });
    expect(faultOf(put(`/q/corrupt/${ID}`, { mode: 0o400 }), 'corrupt').fault).toBeUndefined();
  });

  it.each([
    ['missing', () => undefined, /not where the restore put it/u],
    ['in another hash directory', put(`/q/deferred/${ID}`, {}), /where Postfix does not look/u],
    ['of another content', put(`/q/deferred/8/${ID}`, { content: 'a queue filE' }), /not that of the archive/u],
    ['not ready', put(`/q/deferred/8/${ID}`, { mode: 0o600 }), /mode is 0600/u],
    [
      'of two links',
      (disk: SimulatedFileSystem) => {
        put(`/q/deferred/8/${ID}`, {})(disk);
        disk.link(`/q/deferred/8/${ID}`, '/q/deferred/other');
      },
      /one link, but 2/u,
    ],
  ])('%s is told', (_, prepare, reason) => {
    expect(faultOf(prepare).fault).toMatch(reason);
  });
});
