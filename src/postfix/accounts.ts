import { OperatorError } from '../errors.ts';
import { runCommand } from '../fs/command.ts';

export interface Account {
  readonly uid: number;
  /** The user's own group. */
  readonly gid: number;
}

/** Users and groups of this system, by name and by number; each is asked for once. */
export interface Accounts {
  /** Throws OperatorError 'unavailable' for a name that the system does not know. */
  user(name: string): Account;
  /** The number of a group. Throws OperatorError 'unavailable' for a name that the system does not know. */
  group(name: string): number;
  /** Undefined for a number that no user has. */
  userName(uid: number): string | undefined;
  /** Undefined for a number that no group has. */
  groupName(gid: number): string | undefined;
}

// getent(1): the key was not found.
const NOT_FOUND = 2;

/** passwd(5) and group(5) through getent(1), so that LDAP and the like are asked too. */
export function systemAccounts(run: typeof runCommand = runCommand): Accounts {
  const entries = new Map<string, readonly string[] | undefined>();
  const find = (database: 'passwd' | 'group', key: string): readonly string[] | undefined => {
    const name = `${database} ${key}`;
    if (!entries.has(name)) {
      entries.set(name, readEntry(run, database, key));
    }
    return entries.get(name);
  };
  return {
    user: (name) => {
      const fields = isName(name) ? find('passwd', name) : undefined;
      const [uid, gid] = [numberIn(fields, 2), numberIn(fields, 3)];
      if (uid === undefined || gid === undefined) {
        throw unknown('user', name);
      }
      return { uid, gid };
    },
    group: (name) => {
      const gid = numberIn(isName(name) ? find('group', name) : undefined, 2);
      if (gid === undefined) {
        throw unknown('group', name);
      }
      return gid;
    },
    userName: (uid) => find('passwd', String(uid))?.[0],
    groupName: (gid) => find('group', String(gid))?.[0],
  };
}

// getent takes a key of digits for a number. Postfix takes names only (mail_params.c, get_passwd and getgrnam).
function isName(name: string): boolean {
  return /[^\d]/u.test(name) && !name.startsWith('-');
}

function readEntry(run: typeof runCommand, database: string, key: string): readonly string[] | undefined {
  const outcome = run('getent', [database, key]);
  if (outcome === undefined) {
    throw new OperatorError('unavailable', 'getent is not installed, so users and groups are not known', {
      nextStep: 'Install it: it comes with the C library.',
    });
  }
  if (outcome.status === NOT_FOUND) {
    return undefined;
  }
  if (outcome.status !== 0) {
    throw new OperatorError('unavailable', `getent ${database} ${key} failed: ${outcome.stderr.trim()}`, {
      nextStep: 'Look whether the name service works.',
    });
  }
  return outcome.stdout.split('\n')[0]?.split(':');
}

function numberIn(fields: readonly string[] | undefined, index: number): number | undefined {
  const text = fields?.[index];
  return text !== undefined && /^\d+$/u.test(text) ? Number(text) : undefined;
}

function unknown(kind: 'user' | 'group', name: string): OperatorError {
  const parameter = kind === 'user' ? 'mail_owner' : 'setgid_group';
  return new OperatorError('unavailable', `this system knows no ${kind} ${name}`, {
    nextStep: `Add it, or name another one with -o ${parameter}=NAME.`,
  });
}
