/**
 * Whoever has taken over mail_owner's account may change every name in the queues while root repairs them. Root must not change
 * the owner or mode of anything outside the queue directory, nor read, rename or remove it.
 */

import {
  chmodSync,
  chownSync,
  cpSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { nodeFileSystem } from '../../src/fs/node-file-system.ts';
import { diagnoseDirectories, mendDirectories } from '../../src/repair/directories.ts';
import { lookAtDirectories } from '../../src/repair/look.ts';
import { type MendRequest, queueMending } from '../../src/rights/root-mend.ts';
import { Faults, faultyFileSystem } from '../support/disk/faults.ts';
import { runToEnd } from '../support/process/process.ts';
import { attack, canariesIn, makeCanaries, SECRET } from '../support/torture/canaries.ts';
import { makeFullQueue, makeQueueDirectory, OWNER, openScratch, optionsFor } from '../support/torture/queues.ts';
import { describeWith, root } from '../support/torture/requirements.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

describeWith([root], 'a mail_owner who is hostile while root repairs', () => {
  let scratch: string;
  let canaries: string;
  let source: string;
  let innocent: string[];
  let queues = 0;

  beforeAll(() => {
    scratch = openScratch();
    source = makeFullQueue(join(scratch, 'source'), 150);
    canaries = makeCanaries(join(scratch, 'canaries'));
    innocent = canariesIn(canaries);
  });
  afterAll(() => rmSync(scratch, { recursive: true }));

  describe('of the queues, at any time', () => {
    /** A copy, with other inodes and all of it root's: everything is to be mended. */
    function brokenQueue(owner: { readonly uid: number; readonly gid: number }): string {
      queues += 1;
      const queue = join(scratch, `queue-${queues}`);
      cpSync(source, queue, { recursive: true, preserveTimestamps: true });
      for (const name of readdirSync(queue, { recursive: true })) {
        const path = join(queue, String(name));
        const isOwn = dirname(String(name)) === '.' || !statSync(path).isFile();
        chownSync(path, isOwn ? OWNER.uid : 0, isOwn ? OWNER.gid : 0);
      }
      chownSync(queue, owner.uid, owner.gid);
      chmodSync(queue, 0o755);
      return queue;
    }

    it.each([
      ['root’s, as Postfix has it', { uid: 0, gid: 0 }],
      ['his own', OWNER],
    ])('can’t lead root out of a queue directory that is %s', async (_, owner) => {
      let swaps = 0;
      for (let round = 0; round < 2; round += 1) {
        const queue = brokenQueue(owner);
        const attacked = attack({ queue, canaries, seconds: 5, seed: queues });
        const end = Date.now() + 4000;
        while (Date.now() < end) {
          const { stderr, signal } = await runToEnd(['repair', '-q', ...optionsFor(queue)]);
          // Whatever comes of it, it is no bug, and hangs nowhere.
          expect(stderr).not.toContain('bug in postsnap');
          expect(signal).toBeNull();
        }
        swaps += await attacked;
        // Left in peace, it comes to an end.
        expect([0, 1, 71, 77]).toContain((await runToEnd(['repair', '-q', ...optionsFor(queue)])).status);
      }
      expect(swaps).toBeGreaterThan(100);
      expect(canariesIn(canaries)).toEqual(innocent);
    });
  });

  describe('at each call that root makes', () => {
    let top: string;
    let queue: string;
    let outside: string;

    beforeEach(() => {
      queues += 1;
      top = join(scratch, `moments-${queues}`);
      mkdirSync(top);
      queue = makeQueueDirectory(join(top, 'queue'));
      outside = join(top, 'outside');
      for (const path of [join(queue, 'deferred/A'), join(outside, 'A'), join(queue, 'his')]) {
        mkdirSync(path, { recursive: true, mode: 0o700 });
      }
      for (const path of [join(queue, 'deferred/A/A00011'), join(outside, 'A/A00011'), join(outside, 'A00011')]) {
        writeFileSync(path, path.startsWith(queue) ? 'mail' : SECRET, { mode: 0o600 });
      }
    });

    const file = (): string => join(queue, 'deferred/A/A00011');
    const directory = (): string => join(queue, 'deferred/A');
    const aside = (path: string): void => renameSync(path, join(queue, 'his/aside'));

    const queueItself = (): string => join(queue, 'deferred');
    const swap = (what: () => string, make: (path: string) => void) => (): void => {
      const path = what();
      aside(path);
      make(path);
    };

    /** What he can do between two calls; the hard link as where fs.protected_hardlinks is off. */
    const ATTACKS: readonly (readonly [string, () => void])[] = [
      ['a link in the place of the file', swap(file, (path) => symlinkSync(join(outside, 'A/A00011'), path))],
      ['a hard link in the place of the file', swap(file, (path) => linkSync(join(outside, 'A/A00011'), path))],
      ['a link in the place of its directory', swap(directory, (path) => symlinkSync(join(outside, 'A'), path))],
      ['a link in the place of the queue', swap(queueItself, (path) => symlinkSync(outside, path))],
      ['its directory moved away', swap(directory, () => undefined)],
      ['a directory in the place of the file', swap(file, (path) => mkdirSync(path))],
    ];

    /** Owner, group and mode of all that is outside; names that a hard link adds are his own affair. */
    const rightsOutside = (): string[] =>
      ['', 'A', 'A/A00011', 'A00011'].map((name) => {
        const { uid, gid, mode } = lstatSync(join(outside, name));
        return `${name} ${uid}:${gid} ${mode.toString(8)}`;
      });

    it.each(ATTACKS)('can’t have anything outside mended: %s', (_, act) => {
      const before = rightsOutside();
      const inodes = [file(), directory(), join(outside, 'A/A00011'), join(outside, 'A')].map((path) =>
        BigInt(statSync(path).ino),
      );
      const requests = inodes.flatMap((inode): MendRequest[] => [
        { kind: 'file', path: 'deferred/A/A00011', inode, makesReady: true },
        { kind: 'directory', path: 'deferred/A', inode, makesReady: false },
      ]);
      let attacks = 0;
      for (const request of requests) {
        for (let index = 0; index < 14; index += 1) {
          const kept = `${top}-kept`;
          cpSync(queue, kept, { recursive: true });
          const faults = new Faults().beforeCall((call) => {
            if (call.index === index) {
              attacks += 1;
              act();
            }
          });
          const fs = faultyFileSystem(nodeFileSystem, faults);
          queueMending({ fs, queueDirectory: queue, owner: OWNER, areLinksProtected: true })(request);
          expect(rightsOutside()).toEqual(before);
          rmSync(queue, { recursive: true });
          renameSync(kept, queue);
        }
      }
      // Opening, looking and changing are more calls than a few.
      expect(attacks).toBeGreaterThan(requests.length * 3);
    });

    it('can’t have a directory outside mended in place of one of the queue directory’s own', () => {
      const owners = { ...OWNER, setgidGroup: OWNER.gid };
      let attacks = 0;
      for (let index = 0; index < 80; index += 1) {
        const own = makeQueueDirectory(join(top, `own-${index}`));
        chownSync(own, OWNER.uid, OWNER.gid);
        const target = join(top, `outside-${index}`);
        mkdirSync(target, { mode: 0o711 });
        const findings = diagnoseDirectories(lookAtDirectories(nodeFileSystem, own), owners);
        const faults = new Faults().beforeCall((call) => {
          // Once the queue directory is root's he can change no name in it.
          if (call.index === index && statSync(own).uid === OWNER.uid) {
            attacks += 1;
            for (const name of ['pid', 'public', 'private', 'maildrop', 'incoming']) {
              rmSync(join(own, name), { recursive: true, force: true });
              symlinkSync(target, join(own, name));
            }
          }
        });
        mendDirectories({ fs: faultyFileSystem(nodeFileSystem, faults), queueDirectory: own, owners }, findings);
        const { uid, gid, mode } = statSync(target);
        expect([uid, gid, mode & 0o7777]).toEqual([0, 0, 0o711]);
        rmSync(own, { recursive: true });
      }
      expect(attacks).toBeGreaterThan(5);
    });
  });
});
