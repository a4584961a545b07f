/**
 * The name of a line in a store: the directory that holds the snapshots of one host and one Postfix instance. A host name
 * may be any text, since it comes from a configuration: what can stand in a path is decided here, and nowhere else.
 *
 * The name is `HOST` for the primary instance, else `HOST-INSTANCE`. ASCII letters, digits, `_`, `.` and `-` stand for
 * themselves, every other byte of the UTF-8 text is `%XX`. So that two lines never have one name, a few more are escaped:
 * in the host a `.` or `-` at its start, and each `-` behind its last `.`; in the instance each `.`. The first `-` behind
 * the last `.` of the name is then the one between the two.
 */

import { createHash } from 'node:crypto';

/** One host and one Postfix instance: what is kept and removed together. */
export interface Line {
  readonly host: string;
  /** multi_instance_name; `-` is the primary instance, as postmulti(1) writes it. */
  readonly instance: string;
}

const PRIMARY_INSTANCE = '-';

/** Stands for the empty text. */
const EMPTY = '%';
/** Behind the beginning of a text that is too long stands its digest. No escape begins so. */
const DIGEST_MARK = '%~';
const WITH_DIGEST = /^[A-Za-z0-9_.%-]*%~[0-9a-f]{64}$/u;

/** A name has 255 bytes nearly everywhere; these leave room for what an editor or a copy adds to it. */
const HOST_MAXIMUM = 138;
const HOST_KEPT = 24;
const INSTANCE_MAXIMUM = 82;
const INSTANCE_KEPT = 16;

/** The name of a line's directory; two lines never have the same. */
export function encodeLine({ host, instance }: Line): string {
  return instance === PRIMARY_INSTANCE ? encodeHost(host) : `${encodeHost(host)}-${encodeInstance(instance)}`;
}

/**
 * Reads what {@link encodeLine} wrote. Of a text that was too long, the encoded form is given: the rest of it is lost.
 *
 * @returns undefined for any other name
 */
export function decodeLine(name: string): Line | undefined {
  const [hostPart, instancePart] = splitName(name);
  const host = decodePart(hostPart, encodeHost);
  const instance = instancePart === undefined ? PRIMARY_INSTANCE : decodePart(instancePart, encodeInstance);
  if (host === undefined || instance === undefined || instancePart === PRIMARY_INSTANCE) {
    return undefined;
  }
  return { host, instance };
}

/** Which lines are meant; what is absent may be anything. */
export interface LineChoice {
  readonly host?: string | undefined;
  readonly instance?: string | undefined;
}

/** Whether the line of this name is one of those that are meant. */
export function isChosenLine(name: string, { host, instance }: LineChoice): boolean {
  const [hostPart, instancePart] = splitName(name);
  const wantedInstance = instance === undefined || instance === PRIMARY_INSTANCE ? undefined : encodeInstance(instance);
  return (
    (host === undefined || hostPart === encodeHost(host)) && (instance === undefined || instancePart === wantedInstance)
  );
}

function splitName(name: string): readonly [string, string | undefined] {
  const between = name.indexOf('-', name.lastIndexOf('.') + 1);
  return between < 0 ? [name, undefined] : [name.slice(0, between), name.slice(between + 1)];
}

function encodeHost(host: string): string {
  const bytes = escapeBytes(host);
  const first = bytes.replace(/^[.-]/u, escaped);
  const label = first.lastIndexOf('.') + 1;
  const name = first.slice(0, label) + first.slice(label).replaceAll('-', escaped);
  return name.length <= HOST_MAXIMUM
    ? name
    : withDigest(host, bytes.slice(0, HOST_KEPT)).replace(/^\./u, escaped).replaceAll('-', escaped);
}

function encodeInstance(instance: string): string {
  const bytes = escapeBytes(instance).replaceAll('.', escaped);
  return bytes.length <= INSTANCE_MAXIMUM ? bytes : withDigest(instance, bytes.slice(0, INSTANCE_KEPT));
}

function withDigest(text: string, beginning: string): string {
  const digest = createHash('sha256').update(text).digest('hex');
  return `${beginning.replace(/%.?$/u, '')}${DIGEST_MARK}${digest}`;
}

function escapeBytes(text: string): string {
  return text === '' ? EMPTY : text.replace(/[^A-Za-z0-9_.-]/gu, escaped);
}

function escaped(character: string): string {
  const bytes = [...Buffer.from(character)];
  return bytes.map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

/** The text of a part, if the encoder makes this very part of it. */
function decodePart(part: string, encode: (text: string) => string): string | undefined {
  if (WITH_DIGEST.test(part)) {
    return part;
  }
  const bytes = part.replace(/%([0-9A-F]{2})/gu, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  const text = part === EMPTY ? '' : Buffer.from(bytes, 'latin1').toString();
  return encode(text) === part ? text : undefined;
}
