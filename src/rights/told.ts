/**
 * What the process that works with mail_owner's rights tells without being asked: events, rows of a result, and at last a
 * report or an error. As with requests, whatever comes may come from an attacker.
 */

import type { OperationEvent } from '../operation.ts';
import { isPlainObject } from '../plain-object.ts';
import { parsePlainError } from '../worker/parse-plain-error.ts';
import { encodeError, type PlainError } from '../worker/plain-error.ts';

export type Told =
  | { readonly kind: 'event'; readonly event: OperationEvent }
  | { readonly kind: 'rows'; readonly rows: readonly unknown[] }
  | { readonly kind: 'report'; readonly report: unknown }
  | { readonly kind: 'error'; readonly error: PlainError };

/** Encodes what is told. */
export function encodeTold(told: Told): string {
  return JSON.stringify(told);
}

/** What an error looks like on its way. */
export function toldError(error: unknown): Told {
  return { kind: 'error', error: encodeError(error) };
}

/** Decodes it; undefined for anything else. */
export function decodeTold(value: unknown): Told | undefined {
  if (!isPlainObject(value)) {
    return undefined;
  }
  switch (value['kind']) {
    case 'event': {
      const event = eventOf(value['event']);
      return event === undefined ? undefined : { kind: 'event', event };
    }
    case 'rows': {
      const rows = value['rows'];
      return Array.isArray(rows) ? { kind: 'rows', rows } : undefined;
    }
    case 'report':
      return { kind: 'report', report: value['report'] };
    case 'error': {
      const error = parsePlainError(value['error']);
      return error === undefined ? undefined : { kind: 'error', error };
    }
    default:
      return undefined;
  }
}

function eventOf(value: unknown): OperationEvent | undefined {
  if (!isPlainObject(value)) {
    return undefined;
  }
  const { kind, message, phase, done, total, unit, secondsLeft } = value;
  if (kind === 'warning' && typeof message === 'string') {
    return { kind, message };
  }
  const isProgress =
    kind === 'progress' && typeof phase === 'string' && typeof done === 'number' && typeof total === 'number';
  if (!isProgress) {
    return undefined;
  }
  return {
    kind,
    phase,
    done,
    total,
    ...(unit === 'bytes' || unit === 'messages' ? { unit } : {}),
    ...(typeof secondsLeft === 'number' ? { secondsLeft } : {}),
  };
}

/** Checks a report by its members' kinds: each of them is there, and nothing is of another kind. */
export function hasMembers(value: unknown, kinds: Readonly<Record<string, MemberKind>>): boolean {
  return isPlainObject(value) && Object.entries(kinds).every(([name, kind]) => IS_OF_KIND[kind](value[name]));
}

export type MemberKind = 'number' | 'string' | 'boolean' | 'array' | 'object';

const IS_OF_KIND: Readonly<Record<MemberKind, (value: unknown) => boolean>> = {
  number: (value) => typeof value === 'number',
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  array: (value) => Array.isArray(value),
  object: isPlainObject,
};
