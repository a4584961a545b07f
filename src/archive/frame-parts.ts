/**
 * What a frame holds, in whatever state: its entries, and what is none. Behind damage the next block may begin an entry
 * again. `verify` and a salvage both read frames so: what one names as damaged, the other leaves out.
 */

import { ArchiveError } from '../errors.ts';
import { type ArchivedFile, type EntryOrigin, entryAt, type LocatedEntry } from './entry-reader.ts';
import { HeaderTemplates } from './header-templates.ts';
import { isZeros } from './tar-entry.ts';
import { TAR_BLOCK } from './ustar-header.ts';

export type FramePart =
  /** Its headers are right. Whether its content is, reading its pieces tells. */
  | { readonly kind: 'entry'; readonly file: ArchivedFile; readonly size: number }
  /** It goes on behind the frame. */
  | { readonly kind: 'open entry'; readonly at: number; readonly size: number }
  /** No entry begins here; zeros, which end a tar, are passed over. */
  | { readonly kind: 'gap'; readonly size: number };

/** The parts of a frame's content, in their order. An entry that goes on behind it is the last. */
export function* frameParts(content: Uint8Array, snapshotId: string): Generator<FramePart, void, undefined> {
  const origin = { snapshotId, templates: new HeaderTemplates() };
  for (let at = 0; at < content.length; ) {
    const entry = intactEntry(content, at, origin);
    if (entry === undefined) {
      const block = content.subarray(at, at + TAR_BLOCK);
      if (!isZeros(block)) {
        yield { kind: 'gap', size: block.length };
      }
      at += TAR_BLOCK;
      continue;
    }
    const size = entry.end - at;
    if (entry.end > content.length) {
      yield { kind: 'open entry', at, size };
      return;
    }
    yield { kind: 'entry', file: entry.file, size };
    at = entry.end;
  }
}

function intactEntry(content: Uint8Array, at: number, origin: EntryOrigin): LocatedEntry | undefined {
  try {
    return entryAt(content, at, origin);
  } catch (error) {
    if (error instanceof ArchiveError) {
      return undefined;
    }
    throw error;
  }
}
