/** The users and groups that a queue directory needs: mail_owner, setgid_group, submitters. */

import { OperatorError } from '../errors.ts';
import { type AccountDatabaseAccess, type DatabaseName, type DatabaseRow, findAccountRow } from './account-database.ts';

export interface Account {
  readonly uid: number;
  /** The user's own group. */
  readonly gid: number;
}

/** Users and groups of this system, by name and by number; each is asked for once. */
export interface Accounts {
  /** @throws OperatorError `unavailable`: the system does not know the name */
  user(name: string): Account;
  /**
   * The number of a group.
   *
   * @throws OperatorError `unavailable`: the system does not know the name
   */
  group(name: string): number;
  /**
   * The parameter mail_owner: a name, or a number, which a queue in a volume may have without a name here. Where the system
   * does not know the number's own group, that is the group of the same number: Postfix looks at no queue file's group.
   */
  mailOwner(value: string): Account;
  /** The parameter setgid_group: a name, or a number. */
  setgidGroup(value: string): number;
  /** Undefined for a number that no user has. */
  userName(uid: number): string | undefined;
  /** Undefined for a number that no group has. */
  groupName(gid: number): string | undefined;
}

/** chown(2) takes 32 bits of ones for "leave it". */
const MAXIMUM_ID = 0xffff_fffe;

/** passwd(5) and group(5) as this system has them. */
export class SystemAccounts implements Accounts {
  readonly #access: AccountDatabaseAccess | undefined;
  readonly #rows = new Map<string, DatabaseRow | undefined>();

  constructor(access?: AccountDatabaseAccess) {
    this.#access = access;
  }

  user(name: string): Account {
    return accountIn(isName(name) ? this.#find('passwd', name) : undefined) ?? refuse('user', name);
  }

  group(name: string): number {
    return idIn(isName(name) ? this.#find('group', name) : undefined, 2) ?? refuse('group', name);
  }

  mailOwner(value: string): Account {
    const uid = idOf(value);
    return uid === undefined ? this.user(value) : (accountIn(this.#find('passwd', value)) ?? { uid, gid: uid });
  }

  setgidGroup(value: string): number {
    return idOf(value) ?? this.group(value);
  }

  userName(uid: number): string | undefined {
    return this.#find('passwd', String(uid))?.[0];
  }

  groupName(gid: number): string | undefined {
    return this.#find('group', String(gid))?.[0];
  }

  #find(database: DatabaseName, key: string): DatabaseRow | undefined {
    const name = `${database} ${key}`;
    if (!this.#rows.has(name)) {
      this.#rows.set(name, findAccountRow(database, key, this.#access));
    }
    return this.#rows.get(name);
  }
}

// getent takes a key of digits for a number. Postfix takes names only (mail_params.c, get_passwd and getgrnam), and so does
// an archive, in which a name of digits would be somebody else's number.
function isName(name: string): boolean {
  return /[^\d]/u.test(name) && !name.startsWith('-');
}

function idOf(text: string): number | undefined {
  return /^(?:0|[1-9]\d{0,9})$/u.test(text) && Number(text) <= MAXIMUM_ID ? Number(text) : undefined;
}

function accountIn(row: DatabaseRow | undefined): Account | undefined {
  const [uid, gid] = [idIn(row, 2), idIn(row, 3)];
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

function idIn(row: DatabaseRow | undefined, index: number): number | undefined {
  return idOf(row?.[index] ?? '');
}

function refuse(kind: 'user' | 'group', name: string): never {
  const parameter = kind === 'user' ? 'mail_owner' : 'setgid_group';
  throw new OperatorError('unavailable', `this system knows no ${kind} ${name}`, {
    nextStep: `Add it, or give another name or a number with -o ${parameter}=VALUE.`,
  });
}
