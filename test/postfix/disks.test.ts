import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { runToEnd } from '../support/process/process.ts';
import { DISK_TYPES, disks, mountDisk, mounting } from '../support/torture/mounts.ts';
import { makeArchive, openScratch } from '../support/torture/queues.ts';
import { describeWith } from '../support/torture/requirements.ts';

describeWithPostfix('Postfix agrees with a restore', () => {
  let scratch: string;
  let archive: string;

  beforeAll(() => {
    scratch = openScratch();
    ({ archive } = makeArchive(scratch, 200));
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(scratch, { recursive: true });
  });

  for (const type of DISK_TYPES) {
    describeWith([mounting, disks(type)], `on ${type}`, () => {
      it('and finds nothing to rename, nor to complain of', async () => {
        const disk = mountDisk(join(scratch, type), type, 400);
        vi.stubEnv('TMPDIR', disk.path);
        const postfix = await createInstance();
        try {
          expect(postfix.queueDirectory.startsWith(disk.path)).toBe(true);
          const ended = await runToEnd(['restore', '-q', '-j', '-c', postfix.configDirectory, archive]);
          expect(JSON.parse(ended.stdout)).toMatchObject({ restored: 200, failed: 0 });
          const names = postfix.queueFiles().map(({ path }) => path);
          expect(await postfix.postsuper('-s')).toMatchObject({ status: 0, stderr: '' });
          expect(postfix.queueFiles().map(({ path }) => path)).toEqual(names);
          expect(await postfix.check()).toMatchObject({ status: 0, stderr: '' });
          expect(await postfix.postqueue()).toHaveLength(200);
        } finally {
          await postfix.dispose();
          disk.unmount();
          vi.unstubAllEnvs();
        }
      });
    });
  }
});
