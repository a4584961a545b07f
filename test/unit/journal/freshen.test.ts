/** Staged files that have waited for long get a later time for as long as they are not ready. */

import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { O_RDONLY } from '../../../src/fs/open-flags.ts';
import { Freshened } from '../../../src/journal/freshen.ts';
import type { Staging } from '../../../src/journal/staging.ts';
import type { Work } from '../../../src/journal/work.ts';
import { entryOf, JournalWorld, now } from '../../support/journal/world.ts';

const HOUR_MS = 3_600_000;
const STAGED_NS = BigInt(now().getTime()) * 1_000_000n;
const hoursLater =
  (hours: number): (() => Date) =>
  () =>
    new Date(now().getTime() + hours * HOUR_MS);
/** What a file gets that has waited for two days: it is 12 hours old then. */
const FRESH_NS = STAGED_NS + BigInt(36 * HOUR_MS) * 1_000_000n;

let world: JournalWorld;
let staging: Staging;

beforeEach(() => {
  world = new JournalWorld();
  staging = world.begin();
});

function staged(changes: Parameters<JournalWorld['stage']>[2] = {}): Work {
  world.stage(staging, 0, changes);
  staging.seal();
  return world.work(staging);
}

const timeOf = (path: string): bigint | undefined => world.disk.lstat(path)?.mtimeNs;

/** It is ready, under its name. */
function handOver(work: Work): string {
  const current = entryOf(work, 0);
  const name = `/queue/hold/${current.entry.newQueueId}`;
  world.disk.link(`/queue/${current.entry.from}`, name);
  world.disk.unlink(`/queue/${current.entry.from}`);
  const fd = world.disk.open(name, O_RDONLY);
  world.disk.fchmod(fd, 0o700);
  world.disk.close(fd);
  work.handedOver(current);
  return name;
}

it.each([
  [17, 0],
  [18, 6],
  [48, 36],
])('a file that has waited for %i hours is %i hours younger then', (hours, younger) => {
  const work = staged();
  new Freshened(work, hoursLater(hours));
  expect(timeOf(`/queue/${entryOf(work, 0).entry.from}`)).toBe(STAGED_NS + BigInt(younger * HOUR_MS) * 1_000_000n);
});

it('gives back the time once the message is ready, and not before', () => {
  const work = staged();
  const freshened = new Freshened(work, hoursLater(48));
  freshened.setBack();
  expect(timeOf(`/queue/${entryOf(work, 0).entry.from}`)).toBe(FRESH_NS);
  const name = handOver(work);
  freshened.setBack();
  expect(timeOf(name)).toBe(STAGED_NS);
});

it("gives a message the archive's time, where it has one of its own to keep", () => {
  const archived = STAGED_NS - 999_000_000_000_000n;
  const work = staged({ times: { stagedNs: STAGED_NS, mtimeNs: archived } });
  const freshened = new Freshened(work, hoursLater(48));
  const name = handOver(work);
  freshened.setBack();
  expect(timeOf(name)).toBe(archived);
});

it('leaves alone what stands in a queue: a repair takes it from there', () => {
  const other = world.begin();
  const entry = world.stage(other, 0);
  world.disk.link(join(other.directory, entry.from), '/queue/hold/A00011F');
  staging.appendInQueue({ ...entry, from: 'hold/A00011F' });
  staging.seal();
  new Freshened(world.work(staging), hoursLater(48));
  expect(timeOf('/queue/hold/A00011F')).toBe(STAGED_NS);
});

it('passes over what is gone, and gives the time of nothing that came to stand there', () => {
  const work = staged();
  const { entry } = entryOf(work, 0);
  world.disk.unlink(`/queue/${entry.from}`);
  const freshened = new Freshened(work, hoursLater(48));
  const other = world.begin();
  world.disk.link(join(other.directory, world.stage(other, 0).from), `/queue/hold/${entry.newQueueId}`);
  work.setStep(0, 'over');
  freshened.setBack();
  expect(timeOf(`/queue/hold/${entry.newQueueId}`)).toBe(STAGED_NS);
});
