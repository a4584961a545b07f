/** The file of the settings, where somebody else than root looks for it. */

import { describe, expect, it } from 'vitest';
import {
  CONFIGURATION_PATH,
  readConfigurationFile,
  readUsualFile,
} from '../../../../src/cli/configuration/configuration-file.ts';
import { Faults, faultyFileSystem } from '../../../support/disk/faults.ts';
import { SimulatedFileSystem } from '../../../support/disk/simulated-file-system.ts';
import { putFile } from '../../../support/disk/tree.ts';

function diskWith(content: string | undefined): SimulatedFileSystem {
  const disk = new SimulatedFileSystem();
  disk.mkdir('/etc', 0o755);
  disk.mkdir('/etc/postsnap', 0o755);
  if (content !== undefined) {
    putFile(disk, CONFIGURATION_PATH, { content });
  }
  return disk;
}

/** As the kernel answers a user who may not read the file, or not search its directory. */
const refusing = (disk: SimulatedFileSystem, calls: readonly string[]) =>
  faultyFileSystem(
    disk,
    new Faults().failWhen(({ name }) => calls.includes(name), 'EACCES'),
  );

describe('the usual file', () => {
  it('is read', async () => {
    const file = await readUsualFile(diskWith('level = 3\n'), () => undefined);
    expect(file?.configuration).toEqual({ level: 3 });
  });

  it.each([[['open']], [['open', 'lstat']]])(
    'that this user may not read (%j) is told, and done without',
    async (calls) => {
      const told: string[] = [];
      const disk = refusing(diskWith('level = 3\n'), calls);
      expect(await readUsualFile(disk, (text) => told.push(text))).toBeUndefined();
      expect(told).toEqual([`this user may not read ${CONFIGURATION_PATH}: what is set there does not hold`]);
      await expect(readConfigurationFile(disk, CONFIGURATION_PATH)).rejects.toMatchObject({ code: 'not-permitted' });
    },
  );

  it('that is not there is none, without a word', async () => {
    const told: string[] = [];
    expect(await readUsualFile(diskWith(undefined), (text) => told.push(text))).toBeUndefined();
    expect(told).toEqual([]);
  });
});
