import { describe, expect, it } from 'vitest';
import type { FileSystem } from '../../../src/fs/file-system.ts';
import { encodeMark } from '../../../src/fs/marked-name.ts';
import { createNewFile, type SweepSurroundings } from '../../../src/fs/new-file.ts';
import { identifyProcess } from '../../../src/fs/process-identity.ts';
import { Crash, Faults, faultyFileSystem } from '../../support/disk/faults.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { putFile, readWhole } from '../../support/disk/tree.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const self = identifyProcess();
const DEAD = { ...self, startTime: '1' };

const surroundings: SweepSurroundings = {
  self,
  uid: 0,
  now: () => NOW,
  liveness: ({ startTime }) => (startTime === '1' ? 'dead' : startTime === '2' ? 'unknown' : 'alive'),
};

const leftBy = (owner: typeof self, name = 'a') => `.${name}.${encodeMark(owner, '0123456789ab')}.tmp`;

function disk(hardLinks = true): SimulatedFileSystem {
  const made = new SimulatedFileSystem({ hardLinks });
  made.mkdir('/out', 0o755);
  return made;
}

const old = (minutes: number) => ({ content: 'half', mtimeNs: BigInt(NOW - minutes * MINUTE) * 1_000_000n });
const begin = (fs: FileSystem) => createNewFile(fs, '/out/a', { surroundings });

describe('a new file', () => {
  it('has a name meanwhile that says who writes it', () => {
    const fs = disk();
    const file = begin(fs);
    expect(file.temporaryPath).toContain(`.a.${self.pid}-${self.startTime}-`);
    file.publish();
    expect(fs.readdir('/out')).toEqual(['a']);
  });

  it('lets go what a killed run left an hour ago, whatever file it was for', () => {
    const fs = disk();
    putFile(fs, `/out/${leftBy(DEAD)}`, old(61));
    putFile(fs, `/out/${leftBy(DEAD, 'map.jsonl')}`, old(61));
    begin(fs).publish();
    expect(fs.readdir('/out')).toEqual(['a']);
  });

  it.each<[string, string, ReturnType<typeof old>]>([
    ['is younger than an hour', leftBy(DEAD), old(59)],
    ['is still being written', leftBy(self), old(600)],
    ['is of a process that can not be seen from here', leftBy({ ...self, startTime: '2' }), old(100_000)],
    ['is not of this form', '.a.0123456789ab.tmp', old(100_000)],
  ])('leaves alone what %s', (_, name, file) => {
    const fs = disk();
    putFile(fs, `/out/${name}`, file);
    begin(fs).publish();
    expect(fs.readdir('/out').sort()).toEqual([name, 'a'].sort());
  });

  it('leaves alone files of others, links and directories', () => {
    const fs = disk();
    putFile(fs, `/out/${leftBy(DEAD)}`, { ...old(61), uid: 1000 });
    fs.mkdir(`/out/${leftBy(DEAD, 'directory')}`, 0o755);
    begin(fs).publish();
    expect(fs.readdir('/out')).toHaveLength(3);
  });

  it('is made though nothing can be swept', () => {
    const fs = disk();
    putFile(fs, `/out/${leftBy(DEAD)}`, old(61));
    const faults = new Faults().failWhen(
      ({ name, paths }) => name === 'readdir' || paths[0]?.includes('-1-') === true,
      'EIO',
    );
    begin(faultyFileSystem(fs, faults)).publish();
    expect(faults.injected).toBeGreaterThan(0);
    expect(fs.readdir('/out').sort()).toEqual([leftBy(DEAD), 'a'].sort());
  });

  it.each([true, false])(
    'is made by the same command wherever the run before it was cut off (hard links: %s)',
    (hardLinks) => {
      const write = (fs: FileSystem, who: SweepSurroundings): void => {
        const file = createNewFile(fs, '/out/a', { surroundings: who });
        file.write(Buffer.from('whole'));
        file.publish();
      };
      const record = new Faults();
      write(faultyFileSystem(disk(hardLinks), record), surroundings);
      for (const { index } of record.calls) {
        for (const moment of ['before', 'during', 'after'] as const) {
          const fs = disk(hardLinks);
          const dying = { ...surroundings, self: DEAD };
          expect(() => write(faultyFileSystem(fs, new Faults().crashAt(index, moment)), dying)).toThrow(Crash);
          if (fs.lstat('/out/a')?.size !== 5) {
            write(fs, surroundings);
          }
          expect(Buffer.from(readWhole(fs, '/out/a')).toString()).toBe('whole');
          createNewFile(fs, '/out/b', {
            surroundings: { ...surroundings, now: () => Date.now() + 100 * 365 * 24 * 60 * MINUTE },
          }).publish();
          expect(fs.readdir('/out').sort(), `call ${index}, ${moment}`).toEqual(['a', 'b']);
        }
      }
    },
  );

  const empty = (minutes: number) => ({ ...old(minutes), content: '' });

  it.each<[string, ReturnType<typeof old>, { readonly name: string; readonly left: object }]>([
    ['beside which nothing was left', empty(61), { name: '.b.tmp', left: old(61) }],
    ['beside which another host may write', empty(61), { name: leftBy({ ...self, startTime: '2' }), left: old(61) }],
    ['of another user', { ...empty(61), uid: 1000 } as ReturnType<typeof old>, { name: leftBy(DEAD), left: old(61) }],
    ['that was made just now, and may be the beginning of a stream', empty(1), { name: leftBy(DEAD), left: old(600) }],
    [
      'beside which only another user has left something',
      empty(61),
      { name: leftBy(DEAD), left: { ...old(61), uid: 1000 } },
    ],
  ])('never takes an empty file of somebody for its own, as one %s', (_, file, { name, left }) => {
    const fs = disk();
    putFile(fs, '/out/a', file);
    putFile(fs, `/out/${name}`, left);
    expect(() => begin(fs)).toThrow('exists already');
    expect(fs.readdir('/out').sort()).toEqual([name, 'a'].sort());
  });

  it('leaves alone what took the place of an empty file while it was judged', () => {
    const fs = disk();
    putFile(fs, '/out/a', empty(61));
    putFile(fs, `/out/${leftBy(DEAD)}`, old(61));
    const judge: SweepSurroundings = {
      ...surroundings,
      liveness: () => {
        fs.unlink('/out/a');
        putFile(fs, '/out/a', { content: 'whole' });
        return 'dead';
      },
    };
    expect(() => createNewFile(fs, '/out/a', { surroundings: judge })).toThrow('exists already');
    expect(Buffer.from(readWhole(fs, '/out/a')).toString()).toBe('whole');
  });
});
