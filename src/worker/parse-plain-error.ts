/** Checks errors that come from another process, which may be anything. */

import type {
  ArchiveErrorCode,
  BusyErrorCode,
  InterruptedState,
  OperatorErrorCode,
  Remedy,
  SystemErrorCode,
} from '../errors.ts';
import { isPlainObject } from '../plain-object.ts';
import type { PlainError } from './plain-error.ts';

// Each code has an exit status: one that does not exist would have none.
const CODES = {
  archive: { damaged: true, incomplete: true, hostile: true, 'unknown-version': true, foreign: true },
  operator: {
    usage: true,
    'not-found': true,
    unavailable: true,
    'output-exists': true,
    'not-permitted': true,
    configuration: true,
  },
  busy: { locked: true, 'restore-unfinished': true, 'postfix-running': true },
  system: { refused: true, io: true },
  interrupted: { untouched: true, 'goes-on': true, 'no-archive': true },
} as const satisfies {
  archive: Record<ArchiveErrorCode, true>;
  operator: Record<OperatorErrorCode, true>;
  busy: Record<BusyErrorCode, true>;
  system: Record<SystemErrorCode, true>;
  interrupted: Record<InterruptedState, true>;
};

const REMEDIES = {
  salvage: true,
  'name-queue': true,
  'name-other-queue': true,
  'choose-directory': true,
  'tar-again': true,
  'import-tar': true,
  decrypt: true,
  'back-up-directory': true,
  'list-snapshots': true,
  'make-queues': true,
  'name-or-make-queue': true,
  'give-to-mail-owner': true,
  'mend-listing': true,
  'mend-configuration': true,
} as const satisfies Record<Remedy, true>;

interface Details {
  readonly message: string;
  readonly path?: string;
  readonly nextStep?: string;
  readonly remedy?: Remedy;
}

interface Members {
  readonly details: Details;
  readonly code: unknown;
  readonly text: (name: string) => string | undefined;
  readonly number: unknown;
}

/** By its kind. */
const PARSERS: { readonly [Kind in PlainError['kind']]: (members: Members) => PlainError | undefined } = {
  archive: ({ code, details }) => (isKeyOf(CODES.archive, code) ? { kind: 'archive', code, ...details } : undefined),
  operator: ({ code, details }) => (isKeyOf(CODES.operator, code) ? { kind: 'operator', code, ...details } : undefined),
  busy: ({ code, details }) => (isKeyOf(CODES.busy, code) ? { kind: 'busy', code, ...details } : undefined),
  system: ({ code, text, details }) => {
    const errno = text('errno');
    return isKeyOf(CODES.system, code) && errno !== undefined ? { kind: 'system', code, errno, ...details } : undefined;
  },
  interrupted: ({ text, details }) => {
    const state = text('state');
    return { kind: 'interrupted', ...(isKeyOf(CODES.interrupted, state) ? { state } : {}), ...details };
  },
  call: ({ text, number, details }) => {
    const code = text('code');
    return code !== undefined && typeof number === 'number' ? { kind: 'call', code, number, ...details } : undefined;
  },
  bug: ({ text, details }) => ({ kind: 'bug', name: text('name') ?? 'Error', stack: text('stack'), ...details }),
};

/** Undefined if it stands for no error. */
export function parsePlainError(value: unknown): PlainError | undefined {
  if (!isPlainObject(value) || !isKeyOf(PARSERS, value['kind'])) {
    return undefined;
  }
  const text = (name: string): string | undefined => {
    const member = value[name];
    return typeof member === 'string' ? member : undefined;
  };
  const [message, path, nextStep] = [text('message'), text('path'), text('nextStep')];
  if (message === undefined) {
    return undefined;
  }
  const details = {
    message,
    ...(path === undefined ? {} : { path }),
    ...(nextStep === undefined ? {} : { nextStep }),
    ...(isKeyOf(REMEDIES, value['remedy']) ? { remedy: value['remedy'] } : {}),
  };
  return PARSERS[value['kind']]({ details, text, code: value['code'], number: value['number'] });
}

function isKeyOf<Table extends object>(table: Table, key: unknown): key is keyof Table {
  return typeof key === 'string' && Object.hasOwn(table, key);
}
