import { describe, expect, test, vi } from 'vitest';
import { EntryReader } from '../../../src/archive/entry-reader.ts';
import { decodeEntryHeader } from '../../../src/archive/tar-entry.ts';
import { availableCodecs, loadCodec } from '../../../src/archive/zstd/load-codec.ts';
import { FRAME_FULL, FRAME_MAXIMUM } from '../../../src/format/limits.ts';
import type { FrameLocation } from '../../../src/format/seek-table.ts';
import {
  HEADER,
  logFile,
  messageFile,
  noise,
  OUTCOME,
  openSample,
  queueId,
  readAll,
  SNAPSHOT_ID,
  writeArchive,
} from '../../support/archive/sample-archive.ts';

vi.setConfig({ testTimeout: 120_000 });

const codecs = await Promise.all(availableCodecs().map((name) => loadCodec(name)));

describe.each(codecs.map((codec) => ({ name: codec.name, codec })))('$name', ({ codec }) => {
  test('an archive of nothing has header, seal and seek table', () => {
    const { path } = writeArchive({ codec, groups: [] });
    const reader = openSample(codec, path);
    expect(reader.header).toEqual(HEADER);
    expect(reader.seal).toMatchObject({ messages: 0, left: 0, logs: 0, frames: 1, catalogue: [], ...OUTCOME });
    expect([...reader.runs()]).toEqual([]);
    expect([...reader.catalogue()]).toEqual([]);
    expect(reader.find(queueId(1))).toEqual([]);
  });

  test('messages and logs come back with all that is known of them', () => {
    const groups = [
      [
        messageFile('deferred', { number: 1, content: noise(6000, 1) }),
        logFile('defer', { number: 1, content: noise(300, 2) }),
        logFile('bounce', { number: 1, content: noise(0, 2) }),
      ],
      [messageFile('maildrop', { number: 2, content: noise(512, 3), metadata: { mode: 0o744, uname: 'jürgen' } })],
      [messageFile('active', { number: 3, content: noise(1, 4), metadata: { uid: 3_000_000, gid: 4_294_967_294 } })],
      [messageFile('corrupt', { number: 4, content: new Uint8Array(0), metadata: { mode: 0o400, mtimeNs: -1n } })],
      [messageFile('hold', { number: 5, content: noise(9, 5), metadata: { mtimeNs: 9_999_999_999_000_000_001n } })],
    ];
    const { path } = writeArchive({ codec, groups });
    const expected = groups.flat().map(({ name, metadata, content }) => ({
      name: `${name.queueName}/${name.id.text}`,
      metadata,
      content: content instanceof Uint8Array ? Buffer.from(content).toString('latin1') : '',
    }));
    const reader = openSample(codec, path);
    expect(readAll(reader)).toEqual(expected);
    expect([...reader.catalogue()]).toEqual(
      groups
        .flat()
        .map(({ draft }) => ({ ...draft, frame: 1, ...(draft.kind === 'message' ? { state: 'queued' } : {}) })),
    );
  });

  test('what was decided at the end stands in the catalogue and in the totals', () => {
    const groups = [1, 2, 3].map((number) => [
      messageFile('incoming', { number, content: noise(100 * number, number) }),
    ]);
    const { path } = writeArchive({ codec, groups, stateOf: (_, index) => (index === 1 ? 'left' : 'queued') });
    const reader = openSample(codec, path);
    expect([...reader.catalogue()].map((line) => (line.kind === 'message' ? line.state : line.kind))).toEqual([
      'queued',
      'left',
      'queued',
    ]);
    expect(reader.seal).toMatchObject({
      messages: 2,
      left: 1,
      bytes: 600,
      by_queue: { incoming: { messages: 2, bytes: 400 } },
    });
  });

  test('frames are cut at entry boundaries, and big entries have theirs to themselves', () => {
    const sizes = [1_500_000, 700_000, 4_000_000, 600_000, FRAME_MAXIMUM - 1024, FRAME_MAXIMUM, 9_000_000, 10];
    const groups = sizes.map((size, number) => [
      messageFile('deferred', { number, content: noise(size, number) }),
      logFile('defer', { number, content: noise(400, number) }),
    ]);
    const { path } = writeArchive({ codec, groups });
    const reader = openSample(codec, path);
    const runs = [...reader.runs()];
    for (const run of runs) {
      const files = [...reader.entries(run)];
      expect(files).toHaveLength(run.lines.length);
      const total = run.frames.reduce((sum, frame) => sum + frame.size, 0);
      expect(run.frames.length === 1 || files.length === 1).toBe(true);
      expect(run.frames.length).toBe(Math.ceil(total / FRAME_MAXIMUM));
    }
    // Behind each frame that is less than full enough, the next group would not have fitted, or was big.
    expect(runs.map((run) => run.lines.length)).toEqual([4, 2, 2, 1, 1, 1, 1, 1, 3]);
    expect(runs[0]?.frames[0]?.size).toBeGreaterThan(FRAME_FULL);
    const contents = readAll(reader).filter(({ name }) => name.startsWith('deferred/'));
    expect(contents.map(({ content }) => content.length)).toEqual(sizes);
    contents.forEach(({ content }, number) => {
      expect(content === Buffer.from(noise(sizes[number] ?? 0, number)).toString('latin1')).toBe(true);
    });
  });

  test('one message is found and read without the others', () => {
    const groups = Array.from({ length: 60 }, (_, number) => [
      messageFile('deferred', { number, content: noise(number === 30 ? 9_000_000 : 100_000, number) }),
      logFile('defer', { number, content: noise(50, number) }),
    ]);
    const { path } = writeArchive({ codec, groups });
    const reader = openSample(codec, path);
    for (const number of [0, 29, 30, 31, 59]) {
      const lines = reader.find(queueId(number));
      expect(lines.map((line) => `${line.queue_name}/${line.queue_id}`)).toEqual([
        `deferred/${queueId(number)}`,
        `defer/${queueId(number)}`,
      ]);
      const [line] = lines;
      const file =
        line && [...reader.entries(reader.runOf(line))].find(({ metadata }) => metadata.sha256 === line.sha256);
      expect(Buffer.concat([...(file?.pieces() ?? [])]).equals(noise(line?.file_size ?? -1, number))).toBe(true);
    }
  });

  test('a run that is not asked for its pieces still names its entries', () => {
    const { path } = writeArchive({
      codec,
      groups: [[messageFile('hold', { number: 1, content: noise(5_000_000, 1) })]],
    });
    const reader = openSample(codec, path);
    const [run] = [...reader.runs()];
    const names = run === undefined ? [] : [...reader.entries(run)].map(({ name }) => name);
    expect(names).toMatchObject([{ kind: 'file', queueName: 'hold' }]);
  });
});

const [codec = await loadCodec()] = codecs;

test('the catalogue of a big archive is in several parts, and the filters leave most of them out', () => {
  const groups = Array.from({ length: 6000 }, (_, number) => [
    messageFile('deferred', { number, content: Buffer.from(String(number)) }),
  ]);
  const { path } = writeArchive({ codec, groups });
  const reader = openSample(codec, path);
  expect(reader.seal.catalogue.length).toBeGreaterThan(2);
  expect([...reader.catalogue()].map((line) => line.queue_id)).toEqual(groups.map((_, number) => queueId(number)));
  for (let number = 0; number < 6000; number += 97) {
    expect(reader.find(queueId(number))).toMatchObject([{ queue_id: queueId(number) }]);
  }
  expect(reader.find(queueId(6000))).toEqual([]);
  expect(reader.find('../../etc/passwd')).toEqual([]);
});

test('a line that would be too long loses recipients, and says how many', () => {
  const recipients = Array.from({ length: 60_000 }, (_, index) => ({
    address: `recipient-${index}@example.org`,
    delay_reason: 'x'.repeat(200),
  }));
  const file = messageFile('deferred', { number: 1, content: noise(100, 1) });
  const draft = file.draft.kind === 'message' ? { ...file.draft, recipients } : file.draft;
  const { path } = writeArchive({ codec, groups: [[{ ...file, draft }]] });
  const [line] = [...openSample(codec, path).catalogue()];
  const kept = line?.kind === 'message' ? line.recipients.length : 0;
  expect(kept).toBeGreaterThan(1000);
  expect(line).toMatchObject({ recipients_omitted: 60_000 - kept });
});

test('content that is not what its digest was taken of does not get into an archive', () => {
  const file = messageFile('deferred', { number: 1, content: noise(100, 1) });
  expect(() => writeArchive({ codec, groups: [[{ ...file, content: [noise(100, 2)] }]] })).toThrow(/digest/);
  expect(() => writeArchive({ codec, groups: [[{ ...file, content: noise(99, 1) }]] })).toThrow(/99 bytes/);
});

test('a name that a left message had may be used again, a queued one not', () => {
  const groups = [1, 1].map((number) => [messageFile('deferred', { number, content: noise(10, number) })]);
  const left = writeArchive({ codec, groups, stateOf: (_, index) => (index === 0 ? 'left' : 'queued') });
  expect([...openSample(codec, left.path).catalogue()]).toHaveLength(2);
  const twice = openSample(codec, writeArchive({ codec, groups }).path);
  expect(twice.catalogue().next().done).toBe(false);
  // Neither a look at the beginning nor a reading that failed counts as a check.
  for (const read of [() => [...twice.catalogue()], () => [...twice.catalogue()], () => [...twice.runs()]]) {
    expect(read).toThrow(expect.objectContaining({ code: 'hostile' }));
  }
});

test('a catalogue may be read again and again', () => {
  const groups = [1, 2, 3].map((number) => [messageFile('deferred', { number, content: noise(10, number) })]);
  const archive = openSample(codec, writeArchive({ codec, groups }).path);
  const first = [...archive.catalogue()];
  expect(first).toHaveLength(3);
  expect([...archive.catalogue()]).toEqual(first);
  expect([...archive.runs()].flatMap(({ lines }) => lines)).toEqual(first);
});

test('an unknown version is refused as such', () => {
  const header = { ...HEADER, format: 2 as unknown as 1 };
  const { path } = writeArchive({ codec, groups: [], header });
  expect(() => openSample(codec, path)).toThrow(expect.objectContaining({ code: 'unknown-version' }));
});

test('entries of another snapshot are refused', () => {
  const other = '00000000-0000-4000-8000-000000000000';
  const groups = [[messageFile('hold', { number: 1, content: noise(10, 1) })]];
  const mine = writeArchive({ codec, groups });
  const theirs = writeArchive({
    codec,
    groups: [[messageFile('hold', { number: 1, content: noise(10, 1) })]],
    header: { ...HEADER, snapshot_id: other },
  });
  const [a, b] = [openSample(codec, mine.path), openSample(codec, theirs.path)];
  expect(decodeEntryHeader(b.readFrame(1), 0).entry.snapshotId).toBe(other);
  const frames = { read: (location: FrameLocation) => (location.offset === 0 ? b.readFrame(1) : a.readFrame(1)) };
  const reader = new EntryReader({ frames, snapshotId: SNAPSHOT_ID });
  expect([...reader.entries({ frames: [a.frames.at(1)] })]).toHaveLength(1);
  const run = { frames: [{ ...a.frames.at(1), offset: 0 }] };
  expect(() => [...reader.entries(run)]).toThrow(expect.objectContaining({ code: 'hostile' }));
});
