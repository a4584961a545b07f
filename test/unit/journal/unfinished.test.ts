/** What earlier restores have left: it is carried out, or given up, or refused, and strays are swept. */

import { beforeEach, describe, expect, it } from 'vitest';
import { BusyError } from '../../../src/errors.ts';
import {
  abandonJournals,
  describeUnfinished,
  finishJournals,
  foreseeFinish,
  journalsToFinish,
} from '../../../src/journal/unfinished.ts';
import { putFile } from '../../support/disk/tree.ts';
import { fingerprintOf, JournalWorld, now } from '../../support/journal/world.ts';

let world: JournalWorld;

beforeEach(() => {
  world = new JournalWorld();
});

function sealed(into = 'queues', messages = 2): string {
  const staging = world.begin({ into });
  for (let index = 0; index < messages; index += 1) {
    world.stage(staging, index);
  }
  staging.seal();
  return staging.journal;
}

const inHold = (): number[] =>
  world.disk.readdir('/queue/hold').map((name) => world.disk.lstat(`/queue/hold/${name}`)?.mode ?? 0);

describe('finishing', () => {
  it('carries out what waits, tells where each message is, and sweeps what no journal names', async () => {
    sealed();
    const stray = world.begin();
    world.stage(stray, 0);
    const { messages, lost, unfinished } = await finishJournals({ ...world.target(), now });
    expect([...messages.keys()]).toEqual([fingerprintOf(0), fingerprintOf(1)]);
    expect(messages.get(fingerprintOf(0))).toMatchObject({ kind: 'done', place: { queueName: 'hold' } });
    expect([lost, unfinished, inHold()]).toEqual([0, 0, [0o700, 0o700]]);
    expect(world.disk.lstat(stray.directory)).toBeUndefined();
    expect(journalsToFinish(world.disk, '/queue')).toEqual([]);
  });

  it('does nothing at all if one waits that is not accepted', async () => {
    sealed();
    sealed('maildrop');
    const refused = finishJournals({ ...world.target(), now, accepts: ({ into }) => into === 'queues' });
    await expect(refused).rejects.toThrow(BusyError);
    await expect(refused).rejects.toMatchObject({ code: 'restore-unfinished' });
    expect(inHold()).toEqual([]);
  });

  it('counts what is lost, of which the archive can be restored again, apart', async () => {
    const journal = sealed();
    const [waiting] = journalsToFinish(world.disk, '/queue');
    world.disk.unlink(`/queue/postsnap/${waiting?.head.staging}/0/0.message`);
    const { messages, lost } = await finishJournals({ ...world.target(), now });
    expect([waiting?.path, lost, [...messages.keys()]]).toEqual([journal, 1, [fingerprintOf(1)]]);
  });

  it('is foretold from the journal alone', () => {
    sealed();
    const [waiting] = journalsToFinish(world.disk, '/queue');
    const foreseen = waiting === undefined ? undefined : foreseeFinish(world.disk, waiting);
    expect([...(foreseen?.values() ?? [])].map(({ kind }) => kind)).toEqual(['done', 'done']);
    expect(inHold()).toEqual([]);
  });
});

describe('giving up', () => {
  it('removes what is staged, and says how many messages that were', async () => {
    sealed();
    expect(await abandonJournals({ ...world.target(), now })).toEqual({ abandoned: 2, stay: [], aside: [] });
    expect(inHold()).toEqual([]);
    expect(journalsToFinish(world.disk, '/queue')).toEqual([]);
  });

  it('never removes what a repair took from the queue', async () => {
    sealed('repair');
    await expect(abandonJournals({ ...world.target(), now })).rejects.toMatchObject({
      code: 'restore-unfinished',
      nextStep: expect.stringContaining('repair the queue again'),
    });
  });

  it('moves a journal aside that nobody can read, with what was staged beside it', async () => {
    const journal = sealed();
    putFile(world.disk, journal, { content: '{"kind":"head"' });
    const staged = journal.replace('.journal', '.staged');
    const { abandoned, aside } = await abandonJournals({ ...world.target(), now });
    expect([abandoned, aside]).toEqual([0, [`${journal}.damaged`, `${staged}.kept`]]);
    expect(world.contentAt(`${staged}.kept/0/0.message`)).toBe('message 0');
  });
});

it.each([
  [
    'queues',
    'a restore of queue.tar.zst into queues, begun 2023-11-14T22:13:20.000Z, was cut off: 2 of its 2 messages wait',
  ],
  ['repair', 'a repair, begun 2023-11-14T22:13:20.000Z, was cut off: 2 of its 2 messages wait'],
])('is described for people: %s', (into, words) => {
  sealed(into);
  const [waiting] = journalsToFinish(world.disk, '/queue');
  expect(waiting === undefined ? '' : describeUnfinished(waiting)).toBe(words);
});
