/** From staged files to a sealed journal: what is durable by then, and what is taken back. */

import { beforeEach, expect, it } from 'vitest';
import { journalEntries, readJournalStatus, readSoundJournal } from '../../../src/journal/journal-file.ts';
import { Faults } from '../../support/disk/faults.ts';
import { JournalWorld } from '../../support/journal/world.ts';

let world: JournalWorld;

beforeEach(() => {
  world = new JournalWorld();
});

it('names journal and staging directory by the time, and by a chance name that nobody has', () => {
  const names = ['taken', 'taken', 'free'];
  const randomName = () => names.shift() ?? '';
  expect(world.begin({ randomName }).directory).toBe('/queue/postsnap/20231114221320-taken.staged');
  const second = world.begin({ randomName });
  expect(second.directory).toBe('/queue/postsnap/20231114221320-free.staged');
  expect(second.journal).toBe('/queue/postsnap/20231114221320-free.journal');
  expect(world.disk.lstat(second.directory)?.mode).toBe(0o700);
});

it('tells where files are relative to the queue directory, those of a restore and those of a repair', () => {
  const staging = world.begin();
  const staged = world.stage(staging, 0, { log: 'why' });
  staging.appendInQueue({ ...staged, from: 'corrupt/A1', logs: [] });
  staging.seal();
  const { moves } = readSoundJournal(world.disk, staging.journal);
  const entries = [...journalEntries(world.disk, staging.journal, { moves })].map(({ entry }) => entry);
  const name = staging.directory.slice('/queue/'.length);
  expect(entries.map(({ from }) => from)).toEqual([`${name}/0/0.message`, 'corrupt/A1']);
  expect(entries[0]?.logs.map(({ from }) => from)).toEqual([`${name}/0/0.defer`]);
  expect(staging.known().states.size).toBe(2);
});

it('has no journal until it is sealed, and leaves nothing when it is discarded', () => {
  const staging = world.begin();
  world.stage(staging, 0);
  expect(world.disk.lstat(staging.journal)).toBeUndefined();
  staging.discard();
  expect(world.disk.readdir('/queue/postsnap')).toEqual([]);
});

it('makes the staged files durable before the journal has its name', () => {
  const calls: string[] = [];
  const faults = new Faults().afterCall(({ name, paths }) => {
    if (name === 'syncFileSystem' || name === 'rename' || name === 'link') {
      calls.push(`${name} ${paths.at(-1)}`);
    }
  });
  const staging = world.begin({ fs: world.target(faults).fs });
  world.stage(staging, 0);
  staging.seal();
  const named = calls.findIndex((call) => call.endsWith('.journal'));
  expect(named).toBeGreaterThan(0);
  expect(calls.slice(0, named).some((call) => call.startsWith('syncFileSystem'))).toBe(true);
  expect(readJournalStatus(world.disk, staging.journal).state).toBe('unfinished');
});

it('keeps what it staged once the journal has its name, whatever fails', () => {
  const failing = new Faults().failWhen(({ name, paths }) => name === 'open' && paths[0] === '/queue/postsnap', 'EIO');
  const staging = world.begin({ fs: world.target(failing).fs });
  world.stage(staging, 0);
  expect(() => staging.seal()).toThrow('EIO');
  staging.discard();
  expect(readJournalStatus(world.disk, staging.journal).state).toBe('unfinished');
  expect(world.contentAt(`${staging.directory}/0/0.message`)).toBe('message 0');
});
