/**
 * Which of several files of one queue ID are taken. Files of equal fingerprint are one message, seen at several places:
 * the one that the tar holds last was read last, so fewer of its recipients are still to do. Files of one ID and another
 * content are two messages, since Postfix uses short IDs again: both are taken, and the logs go with the later. Of one
 * name, a tar means what it holds last.
 */

import { examineQueueFile } from '../record/examine.ts';
import { fingerprintOfHashed } from '../record/fingerprint.ts';
import { type ContentRoom, withContent } from './held-content.ts';
import type { Occurrence, TarSurvey } from './survey.ts';
import type { TarEntry } from './tar-entries.ts';

export interface Choice {
  /** Entries that are not taken, with the reason. */
  readonly dropped: ReadonlyMap<number, string>;
  /** Entries whose logs go with another file of their ID. */
  readonly withoutLogs: ReadonlySet<number>;
}

interface Rival extends Occurrence {
  readonly fingerprint: string;
}

/** Reads the tar once more, if it holds any message several times. */
export async function chooseAmong(
  { repeated }: TarSurvey,
  entries: () => AsyncIterable<TarEntry>,
  room: ContentRoom,
): Promise<Choice> {
  const dropped = new Map<number, string>();
  const withoutLogs = new Set<number>();
  const fingerprints = repeated.size === 0 ? new Map<number, string>() : await readRivals(repeated, entries(), room);
  for (const occurrences of repeated.values()) {
    const rivals = occurrences.map((one) => ({ ...one, fingerprint: fingerprints.get(one.entry) ?? '' }));
    for (const [at, rival] of rivals.entries()) {
      const reason = reasonToDrop(rival, rivals.slice(at + 1));
      if (reason !== undefined) {
        dropped.set(rival.entry, reason);
      } else if (at + 1 < rivals.length) {
        withoutLogs.add(rival.entry);
      }
    }
  }
  return { dropped, withoutLogs };
}

function reasonToDrop(rival: Rival, later: readonly Rival[]): string | undefined {
  if (later.some(({ queueName }) => queueName === rival.queueName)) {
    return 'the tar holds it again further on: that one was taken';
  }
  const same = later.findLast(({ fingerprint }) => fingerprint === rival.fingerprint);
  return same === undefined
    ? undefined
    : `the message was in two queues while the tar was made: that in ${same.queueName}, read later, was taken`;
}

async function readRivals(
  repeated: ReadonlyMap<number, readonly Occurrence[]>,
  entries: AsyncIterable<TarEntry>,
  room: ContentRoom,
): Promise<Map<number, string>> {
  const queueOf = new Map([...repeated.values()].flat().map(({ entry, queueName }) => [entry, queueName]));
  const fingerprints = new Map<number, string>();
  let number = 0;
  for await (const entry of entries) {
    const queueName = queueOf.get(number);
    if (queueName !== undefined) {
      const fingerprint = await withContent(entry, room, ({ source, sha256 }) => {
        const { mutableBytes } = examineQueueFile(source, queueName);
        return fingerprintOfHashed(source, mutableBytes, sha256);
      });
      fingerprints.set(number, fingerprint);
    }
    number += 1;
  }
  return fingerprints;
}
