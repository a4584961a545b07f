/** The options of a store, and of a snapshot in it, the same for each command that has them. */

import { randomBytes } from 'node:crypto';
import { Option } from '@commander-js/extra-typings';
import type { ArchiveLocation } from '../../archive-location.ts';
import { OperatorError } from '../../errors.ts';
import { nodeFileSystem } from '../../fs/node-file-system.ts';
import { findNewest, findSnapshot } from '../../keep/find-snapshot.ts';
import { DirectoryStore } from '../../store/directory-store.ts';
import type { LineChoice } from '../../store/line-name.ts';
import type { StoredSnapshot } from '../../store/snapshot.ts';
import type { Store } from '../../store/store.ts';
import { parseArchiveName } from './archive-name.ts';

/** What takes options: a command. */
interface OptionTaker {
  addOption(option: Option): unknown;
}

/** A kind of store that is named by a scheme, as a URL has it. */
const SCHEME = /^[a-z][a-z0-9+.-]*:/iu;

const STORE = { flags: '--store <store>', help: 'a store: a directory that holds snapshots' };
const SNAPSHOT = {
  flags: '--snapshot <snapshot>',
  help: 'in place of an archive: latest, a short id, or a time (2025-11-26, 20251126T031500Z)',
};
const HOST = { flags: '--host <host>', help: 'in the store: only snapshots of this host' };
const INSTANCE = {
  flags: '--instance <instance>',
  help: 'in the store: only of this Postfix instance; - is the primary one',
};

/** An archive that was named on the command line. */
export interface ChosenArchive {
  readonly archive: ArchiveLocation;
  /** The arguments behind it. */
  readonly rest: readonly string[];
  /** Where it came from a store. */
  readonly stored: { readonly store: Store; readonly snapshot: StoredSnapshot } | undefined;
}

/** The store options of one command line. */
export class StoreReader {
  #store: string | undefined;
  #snapshot: string | undefined;
  #host: string | undefined;
  #instance: string | undefined;

  /** Gives a command the options of a whole store, or of some lines in it. */
  addTo(command: OptionTaker): void {
    addOption(command, STORE, (text) => {
      this.#store = text;
    });
    addOption(command, HOST, (text) => {
      this.#host = text;
    });
    addOption(command, INSTANCE, (text) => {
      this.#instance = text;
    });
  }

  /** Gives a command the options of one snapshot, which stands in place of an archive. */
  addSnapshotTo(command: OptionTaker): void {
    this.addTo(command);
    addOption(command, SNAPSHOT, (text) => {
      this.#snapshot = text;
    });
  }

  /** Gives a command the option of a store that it writes to. */
  addStoreTo(command: OptionTaker): void {
    addOption(command, STORE, (text) => {
      this.#store = text;
    });
  }

  /** Which lines are meant. */
  lines(): LineChoice {
    return { host: this.#host, instance: this.#instance };
  }

  /** The store that was named, if one was. */
  optionalStore(): Store | undefined {
    return this.#store === undefined ? undefined : openStore(this.#store);
  }

  /** @throws OperatorError `usage`: none was named */
  store(): Store {
    const store = this.optionalStore();
    if (store === undefined) {
      throw new OperatorError('usage', 'no store is named', { nextStep: 'Name its directory with --store.' });
    }
    return store;
  }

  /**
   * The archive that the arguments begin with, or the snapshot that stands in its place.
   *
   * @throws OperatorError `usage`: none is named, or both are; `not-found`: there is no such snapshot
   */
  async chooseArchive(args: readonly (string | undefined)[], now: number): Promise<ChosenArchive> {
    const given = args.filter((text) => text !== undefined);
    const store = this.optionalStore();
    if (store !== undefined) {
      return { ...(await this.#chooseSnapshot(store, now)), rest: given };
    }
    if (this.#snapshot !== undefined || this.#host !== undefined || this.#instance !== undefined) {
      throw new OperatorError('usage', 'a snapshot is chosen in a store, and none is named', {
        nextStep: 'Name its directory with --store.',
      });
    }
    const [archive, ...rest] = given;
    if (archive === undefined) {
      throw noArchive();
    }
    return { archive: parseArchiveName(archive), rest, stored: undefined };
  }

  /** As {@link chooseArchive}, where nothing may stand behind the archive. */
  async chooseOnly(given: string | undefined, now: number): Promise<ChosenArchive> {
    if (given !== undefined && this.#store !== undefined) {
      throw new OperatorError('usage', 'an archive and a snapshot are named: it can be one of them only');
    }
    return this.chooseArchive([given], now);
  }

  /** As {@link chooseOnly}, where a store alone means the newest of all its snapshots, whatever host and instance it is of. */
  async chooseNewest(given: string | undefined, now: number): Promise<ChosenArchive> {
    const store = this.optionalStore();
    if (given !== undefined || store === undefined || this.#snapshot !== undefined) {
      return this.chooseOnly(given, now);
    }
    return { ...(await chosenFrom(store, await findNewest({ store, ...this.lines(), now }))), rest: [] };
  }

  async #chooseSnapshot(store: Store, now: number): Promise<Pick<ChosenArchive, 'archive' | 'stored'>> {
    if (this.#snapshot === undefined) {
      throw new OperatorError('usage', 'no snapshot is named', {
        remedy: 'list-snapshots',
        path: store.name,
      });
    }
    return chosenFrom(store, await findSnapshot({ store, ...this.lines(), snapshot: this.#snapshot, now }));
  }
}

async function chosenFrom(store: Store, snapshot: StoredSnapshot): Promise<Pick<ChosenArchive, 'archive' | 'stored'>> {
  return { archive: { kind: 'file', path: await store.fileOf(snapshot.key) }, stored: { store, snapshot } };
}

function noArchive(): OperatorError {
  return new OperatorError('usage', "missing required argument 'archive'", {
    nextStep: 'Name an archive, or a snapshot by --store and --snapshot.',
  });
}

/**
 * The one argument that stands behind the archive.
 *
 * @throws OperatorError `usage`: there is none, or there are more
 */
export function onlyArgument(rest: readonly string[], name: string): string {
  const [argument, ...more] = rest;
  if (argument === undefined) {
    throw new OperatorError('usage', `missing required argument '${name}'`);
  }
  if (more.length > 0) {
    throw new OperatorError('usage', 'too many arguments');
  }
  return argument;
}

function openStore(name: string): Store {
  if (SCHEME.test(name)) {
    throw new OperatorError('usage', `${name}: a store is a directory; another kind is not known`, {
      nextStep: 'If it is the name of a directory, write ./ before it.',
    });
  }
  return new DirectoryStore(nodeFileSystem, name, () => randomBytes(6).toString('hex'));
}

function addOption(
  command: OptionTaker,
  { flags, help }: { readonly flags: string; readonly help: string },
  take: (text: string) => void,
): void {
  const option = new Option(flags, help).helpGroup('Stores:').argParser((text) => {
    take(text);
    return text;
  });
  command.addOption(option);
}
