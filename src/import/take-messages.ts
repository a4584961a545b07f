/** The last reading of a tar: each message goes into the archive, with its logs behind it. */

import type { FramePacker } from '../archive/frame-packer.ts';
import { filesOf } from '../archive/message-copy.ts';
import type { Selection } from '../plan/selection.ts';
import { isReady, isWritersMode } from '../queue/mode.ts';
import { isLogQueueName, isMessageQueueName, type MessageQueueName } from '../queue/queue-name.ts';
import { examineQueueFile } from '../record/examine.ts';
import { fingerprintOfHashed } from '../record/fingerprint.ts';
import { lineageOf } from '../record/lineage.ts';
import { FileNameSet } from '../table/name-set.ts';
import type { Choice } from './choose.ts';
import { type ContentRoom, type HeldContent, withContent } from './held-content.ts';
import type { HeldLogs } from './held-logs.ts';
import { metadataOf, type TarSurvey } from './survey.ts';
import type { TarEntry } from './tar-entries.ts';
import { namedFile, normalName, type ReadName } from './tar-name.ts';

export interface TakeOptions {
  readonly survey: TarSurvey;
  readonly choice: Choice;
  readonly logs: HeldLogs;
  readonly packer: FramePacker;
  readonly room: ContentRoom;
  /** The queue directory to take. */
  readonly root: string;
  readonly selection: Selection;
  /** Told of each entry that is in the survey, and not taken. */
  readonly onSkipped: (entry: TarEntry, reason: string, missing: boolean) => void;
}

export interface Taken {
  /** Files that were still being written. */
  readonly incomplete: number;
  /** Messages whose mode Postfix would pass over: modes are lost in some ways of copying. */
  readonly modesLost: number;
  readonly notSelected: number;
}

/** A message of the tar, at its place in the queue. */
interface PlacedMessage {
  readonly entry: TarEntry;
  readonly number: number;
  readonly read: ReadName;
  readonly queueName: MessageQueueName;
}

export async function takeMessages(entries: AsyncIterable<TarEntry>, options: TakeOptions): Promise<Taken> {
  const counts: Record<Outcome, number> = { taken: 0, incomplete: 0, dropped: 0, 'not selected': 0 };
  let modesLost = 0;
  const names = new FileNameSet();
  const linked = new Set([...options.survey.aliases.values()].map(({ id }) => id.text));
  let number = 0;
  for await (const entry of entries) {
    const read = readNameOf(entry, options);
    if (read !== undefined && isMessageQueueName(read.queueName)) {
      const isNew = options.choice.dropped.has(number) || names.add(`${read.queueName}/${read.id.text}`);
      const message = { entry, number, read, queueName: read.queueName };
      const outcome = isNew ? await takeMessage(message, options) : refuse(entry, options);
      counts[outcome] += 1;
      modesLost += outcome === 'taken' && !isReady(entry.mode) && !isAside(read.queueName) ? 1 : 0;
    } else if (read !== undefined && isOrphan(read, options.survey, linked)) {
      options.onSkipped(entry, 'the tar does not hold the message of this log', false);
    }
    number += 1;
  }
  options.packer.flush();
  return { incomplete: counts.incomplete, modesLost, notSelected: counts['not selected'] };
}

function readNameOf(entry: TarEntry, { root, survey }: TakeOptions): ReadName | undefined {
  if (entry.kind !== 'file') {
    return undefined;
  }
  const name = normalName(entry.name);
  const file = namedFile(name);
  const read = file.kind === 'queue-file' ? file.read : survey.aliases.get(name);
  return read?.root === root ? read : undefined;
}

/**
 * A log whose message is elsewhere: a tar of a part of the queues, or what `postsuper -r` left behind. Postfix would take
 * it for that of the next message that gets this ID.
 *
 * @param linked IDs of messages that are known by a hard link
 */
function isOrphan({ queueName, id }: ReadName, survey: TarSurvey, linked: ReadonlySet<string>): boolean {
  const number = survey.ids.find(id.text);
  return isLogQueueName(queueName) && number !== -1 && survey.first(number) === undefined && !linked.has(id.text);
}

/** Nothing writes in corrupt and saved. */
function isAside(queueName: MessageQueueName): boolean {
  return queueName === 'corrupt' || queueName === 'saved';
}

/** An archive holds no name twice. Only a hard link can come to the name of another message. */
function refuse(entry: TarEntry, { onSkipped }: TakeOptions): 'dropped' {
  onSkipped(entry, 'another message of its queue ID was taken, and this one is known by a hard link alone', true);
  return 'dropped';
}

type Outcome = 'taken' | 'incomplete' | 'dropped' | 'not selected';

async function takeMessage(message: PlacedMessage, options: TakeOptions): Promise<Outcome> {
  const { entry, number } = message;
  const reason = options.choice.dropped.get(number);
  if (reason !== undefined) {
    options.onSkipped(entry, reason, false);
    return 'dropped';
  }
  return withContent(entry, options.room, (content) => pack(message, content, options));
}

function pack(
  { entry, number, read, queueName }: PlacedMessage,
  { source, sha256, content }: HeldContent,
  { logs, survey, packer, choice, selection, onSkipped }: TakeOptions,
): Outcome {
  const examination = examineQueueFile(source, queueName);
  if (isWritersMode(queueName, entry.mode) && examination.faults.length > 0) {
    onSkipped(entry, 'it was still being written when the tar was made', false);
    return 'incomplete';
  }
  const id = survey.ids.find(read.id.text);
  const files = filesOf({
    examination,
    fingerprint: fingerprintOfHashed(source, examination.mutableBytes, sha256),
    lineage: lineageOf(examination, source),
    queueName,
    id: read.id,
    depth: read.depth,
    metadata: metadataOf(entry, { sha256, size: source.size }),
    content,
    logs: id === -1 || choice.withoutLogs.has(number) ? [] : logs.logsOf(id),
  });
  const draft = files[0]?.draft;
  if (draft?.kind === 'message' && !selection.has(draft)) {
    return 'not selected';
  }
  packer.add(files);
  return 'taken';
}
