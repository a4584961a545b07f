/** Tar headers made from templates are those that are made field by field. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeaderTemplates } from '../../../src/archive/header-templates.ts';
import { headerBlock } from '../../../src/archive/ustar-header.ts';
import type { EntryDescription } from '../../../src/format/file-metadata.ts';

const DESCRIPTION = fc.record({
  name: fc.string({ maxLength: 120 }),
  snapshotId: fc.constant(''),
  metadata: fc.record({
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: fc.nat({ max: 2 ** 31 }),
    gid: fc.constantFrom(0, 99, 2 ** 21),
    uname: fc.constantFrom(undefined, 'postfix', 'ü'.repeat(40)),
    gname: fc.constantFrom(undefined, 'postdrop', 'x'.repeat(33)),
    size: fc.nat({ max: 2 ** 40 }),
    mtimeNs: fc.bigInt({ min: -(10n ** 19n), max: 10n ** 19n }),
    atimeNs: fc.constant(0n),
    inode: fc.constant(0n),
    sha256: fc.constant(''),
  }),
});

function plain({ name, metadata }: EntryDescription): Buffer {
  const { mode, uid, gid, uname, gname, size, mtimeNs } = metadata;
  return headerBlock({ name, type: '0', size, mode, mtimeSeconds: mtimeNs / 1_000_000_000n, uid, gid, uname, gname })
    .bytes;
}

describe('a template', () => {
  it('gives the header that is made field by field, whatever was made before', () => {
    const templates = new HeaderTemplates();
    fc.assert(
      fc.property(DESCRIPTION, (entry) => {
        expect(templates.expected(entry).equals(plain(entry))).toBe(true);
        const into = Buffer.alloc(600, 0xff);
        templates.write({ bytes: into, at: 50 }, entry);
        expect(into.subarray(50, 562).equals(plain(entry))).toBe(true);
        expect(into[49]).toBe(0xff);
        expect(into[562]).toBe(0xff);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the header of records of each size', () => {
    const templates = new HeaderTemplates();
    for (const size of [0, 300, 4096, 300]) {
      const header = { name: 'PaxHeaders/entry', type: 'x', size, mode: 0o600, mtimeSeconds: 0n } as const;
      expect(templates.extended(size).equals(headerBlock(header).bytes)).toBe(true);
    }
  });
});
