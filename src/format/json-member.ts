/**
 * Reads the members of a JSON object that came out of an archive. Whatever is not of the expected form is an
 * `ArchiveError` `damaged`, which names the object and the member. Members that are not asked for are passed over.
 */

import { ArchiveError } from '../errors.ts';

export interface JsonObject {
  /** What the object is, for messages: `seal.json`. */
  readonly what: string;
  readonly members: Readonly<Record<string, unknown>>;
}

const SHA256_LENGTH = 64;
const DECIMAL = /^(?:0|-?[1-9][0-9]{0,29})$/;
const STRING_MAXIMUM = 1024 * 1024;

/** Parses the text of a JSON object. */
export function parseJsonObject(text: string, what: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ArchiveError('damaged', `${what} is not JSON`, { cause });
  }
  return asJsonObject(value, what);
}

export function asJsonObject(value: unknown, what: string): JsonObject {
  if (!isRecord(value)) {
    throw new ArchiveError('damaged', `${what} is not a JSON object`);
  }
  return { what, members: value };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function stringMember(object: JsonObject, name: string): string {
  const value = object.members[name];
  return typeof value === 'string' && value.length <= STRING_MAXIMUM ? value : wrong(object, name);
}

export function optionalString(object: JsonObject, name: string): string | undefined {
  return object.members[name] === undefined ? undefined : stringMember(object, name);
}

export function booleanMember(object: JsonObject, name: string): boolean {
  const value = object.members[name];
  return typeof value === 'boolean' ? value : wrong(object, name);
}

/** A whole number from 0 (or `minimum`) to 2⁵³ - 1. */
export function integerMember(object: JsonObject, name: string, minimum = 0): number {
  const value = object.members[name];
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= minimum ? value : wrong(object, name);
}

/** A whole number of any size as decimal digits. */
export function bigintMember(object: JsonObject, name: string): bigint {
  return BigInt(decimalMember(object, name));
}

/** The digits of such a number, of which there is one spelling. */
export function decimalMember(object: JsonObject, name: string): string {
  const value = object.members[name];
  return typeof value === 'string' && DECIMAL.test(value) ? value : wrong(object, name);
}

/** A SHA-256 in lower-case hexadecimal. */
export function sha256Member(object: JsonObject, name: string): string {
  const value = object.members[name];
  return typeof value === 'string' && isSha256(value) ? value : wrong(object, name);
}

/** Four digests a message are looked at: a loop takes a third of the time of a regular expression. */
function isSha256(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const isDigit = code >= 0x30 && code <= 0x39;
    if (!isDigit && (code < 0x61 || code > 0x66)) {
      return false;
    }
  }
  return text.length === SHA256_LENGTH;
}

export function arrayMember(object: JsonObject, name: string): readonly unknown[] {
  const value: unknown = object.members[name];
  return Array.isArray(value) ? value : wrong(object, name);
}

export function objectMember(object: JsonObject, name: string): JsonObject {
  const value = object.members[name];
  return isRecord(value) ? { what: `${object.what}: ${name}`, members: value } : wrong(object, name);
}

/** The member, where `is` accepts it. */
export function memberOf<T extends string>(object: JsonObject, name: string, is: (text: string) => text is T): T {
  const value = object.members[name];
  return typeof value === 'string' && is(value) ? value : wrong(object, name);
}

/** Throws what a member of a wrong form deserves. */
export function wrong(object: JsonObject, name: string): never {
  throw new ArchiveError('damaged', `${object.what}: the member ${name} is missing or not of its form`);
}
