/** `postsnap.json`, the first entry: what the snapshot is of. */

import { ArchiveError } from '../errors.ts';
import { type JsonObject, objectMember, parseJsonObject, stringMember, wrong } from './json-member.ts';
import { FORMAT_VERSION, SNAPSHOT_ID_MAXIMUM, TEXT_MAXIMUM } from './limits.ts';

export interface Header {
  readonly format: 1;
  /** Random, and in every entry of the archive. */
  readonly snapshot_id: string;
  /** ISO 8601 with zone. */
  readonly started: string;
  readonly myhostname: string;
  /** multi_instance_name; `-` is the primary instance, as postmulti(1) writes it. */
  readonly instance: string;
  readonly mail_version: string;
  readonly queue_directory: string;
  /** The Postfix parameters that a restore may have to compare: name and expanded value. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly postsnap_version: string;
  /** Absent: a backup wrote it. `tar`: it was made of a tar of a queue, which does not tell all that a backup knows. */
  readonly source?: 'tar';
}

/** Texts that are longer than any in an archive are cut: what an installation says of itself must not make it unreadable. */
export function encodeHeader(header: Header): Uint8Array {
  return Buffer.from(`${JSON.stringify(header, cutText, 1)}\n`);
}

function cutText(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? value.slice(0, TEXT_MAXIMUM) : value;
}

/** @throws ArchiveError `unknown-version`, `damaged` */
export function decodeHeader(bytes: Uint8Array): Header {
  const object = parseJsonObject(Buffer.from(bytes).toString(), 'postsnap.json');
  checkVersion(object);
  return {
    format: FORMAT_VERSION,
    snapshot_id: stringMember(object, 'snapshot_id', SNAPSHOT_ID_MAXIMUM),
    started: stringMember(object, 'started'),
    myhostname: stringMember(object, 'myhostname'),
    instance: stringMember(object, 'instance'),
    mail_version: stringMember(object, 'mail_version'),
    queue_directory: stringMember(object, 'queue_directory'),
    parameters: decodeParameters(objectMember(object, 'parameters')),
    postsnap_version: stringMember(object, 'postsnap_version'),
    ...(object.members['source'] === undefined ? {} : { source: sourceMember(object) }),
  };
}

function sourceMember(object: JsonObject): 'tar' {
  return object.members['source'] === 'tar' ? 'tar' : wrong(object, 'source');
}

/** The version stands before everything else: what a later one holds besides must not matter. */
export function checkVersion(object: JsonObject): void {
  const format = object.members['format'];
  if (typeof format !== 'number' || !Number.isSafeInteger(format)) {
    wrong(object, 'format');
  }
  if (format !== FORMAT_VERSION) {
    throw new ArchiveError('unknown-version', `the archive has format version ${format}, this postsnap knows 1`, {
      nextStep: 'Use the version of postsnap that wrote it, or a later one.',
    });
  }
}

function decodeParameters(object: JsonObject): Record<string, string> {
  const names = Object.keys(object.members);
  return Object.fromEntries(names.map((name) => [name, stringMember(object, name)]));
}
