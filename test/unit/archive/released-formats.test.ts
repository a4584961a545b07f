import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { availableCodecs, loadCodec } from '../../../src/archive/zstd/load-codec.ts';
import { formatEntryName } from '../../../src/format/entry-name.ts';
import { verify } from '../../../src/inspect/verify.ts';
import { openSample, sha256 } from '../../support/archive/sample-archive.ts';

const FIXTURES = join(import.meta.dirname, '../../../fixtures');
const MANIFEST = JSON.parse(readFileSync(join(FIXTURES, 'sample-queue.json'), 'utf8')) as { files: object };
const FILES = Object.keys(MANIFEST.files);

describe.each(readdirSync(join(FIXTURES, 'archives')))('%s', (name) => {
  const path = join(FIXTURES, 'archives', name);

  test('is sound', async () => {
    expect(await verify({ archive: path, workers: 0 })).toMatchObject({ ok: true, sealed: true, messages: 15 });
  });

  test.each(availableCodecs())('gives every file of the sample queue back: %s', async (codecName) => {
    const reader = openSample(await loadCodec(codecName), path);
    const found = new Map<string, string>();
    for (const run of reader.runs()) {
      for (const file of reader.entries(run)) {
        const entryName = file.name.kind === 'file' ? formatEntryName(file.name) : file.name.kind;
        found.set(entryName.replace(/^queue\//, ''), sha256(Buffer.concat([...file.pieces()])));
      }
    }
    const expected = FILES.map((file) => [file, sha256(readFileSync(join(FIXTURES, 'sample-queue', file)))] as const);
    expect(found).toEqual(new Map(expected));
  });
});
