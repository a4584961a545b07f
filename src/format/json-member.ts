/**
 * Reads the members of a JSON object that came out of an archive. Whatever is not of the expected form is an
 * `ArchiveError` `damaged`, which names the object and the member. Members that are not asked for are passed over.
 */

import { ArchiveError } from '../errors.ts';
import { isPlainObject } from '../plain-object.ts';
import { type Form, isSha256, wholeNumber } from './form.ts';

export interface JsonObject {
  /** What the object is, for messages: `seal.json`. */
  readonly what: string;
  readonly members: Readonly<Record<string, unknown>>;
}

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
  if (!isPlainObject(value)) {
    throw new ArchiveError('damaged', `${what} is not a JSON object`);
  }
  return { what, members: value };
}

/** The members of a JSON object that may be torn, or something else: undefined where it is none. */
export function recordIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isPlainObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function stringMember(object: JsonObject, name: string, maximum = STRING_MAXIMUM): string {
  const value = object.members[name];
  return typeof value === 'string' && value.length <= maximum ? value : wrong(object, name);
}

export function booleanMember(object: JsonObject, name: string): boolean {
  const value = object.members[name];
  return typeof value === 'boolean' ? value : wrong(object, name);
}

/** A whole number from 0 (or `minimum`) to 2⁵³ - 1. */
export function integerMember(object: JsonObject, name: string, minimum = 0): number {
  return member(object, name, wholeNumber(minimum));
}

/** A SHA-256 in lower-case hexadecimal. */
export function sha256Member(object: JsonObject, name: string): string {
  return member(object, name, isSha256);
}

export function arrayMember(object: JsonObject, name: string): readonly unknown[] {
  const value: unknown = object.members[name];
  return Array.isArray(value) ? value : wrong(object, name);
}

export function objectMember(object: JsonObject, name: string): JsonObject {
  const value = object.members[name];
  return isPlainObject(value) ? { what: `${object.what}: ${name}`, members: value } : wrong(object, name);
}

/** The member, which must be of the form. */
export function member<Value>(object: JsonObject, name: string, form: Form<Value>): Value {
  const value = object.members[name];
  return form(value) ? value : wrong(object, name);
}

/** Throws what a member of a wrong form deserves. */
export function wrong(object: JsonObject, name: string): never {
  throw new ArchiveError('damaged', `${object.what}: the member ${name} is missing or not of its form`);
}
