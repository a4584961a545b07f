import type { CrashChoice } from './crash-choice.ts';
import type { SimulatedInode } from './simulated-inode.ts';

export interface EntryChange {
  readonly directory: SimulatedInode;
  readonly name: string;
  /** Undefined: the name is removed. */
  readonly inode: SimulatedInode | undefined;
}

/** One call's changes of names: all or none of them survive, except that a directory may be synced before another. */
export interface NameChange {
  readonly kind: 'add' | 'remove' | 'rename';
  readonly subject: SimulatedInode;
  readonly parts: readonly EntryChange[];
}

export type Entries = Map<string, SimulatedInode>;

export function setEntry(names: Entries, { name, inode }: EntryChange): void {
  if (inode === undefined) {
    names.delete(name);
  } else {
    names.set(name, inode);
  }
}

/** The changes of names that are not on disk yet, in the order in which they were made. */
export class PendingNames {
  #changes: NameChange[] = [];

  add(change: NameChange): void {
    this.#changes.push(change);
  }

  /** The names in these directories are on disk now. */
  settle(isSettled: (directory: SimulatedInode) => boolean): void {
    const remaining: NameChange[] = [];
    for (const change of this.#changes) {
      const [settled, pending] = [true, false].map((wanted) =>
        change.parts.filter(({ directory }) => isSettled(directory) === wanted),
      );
      for (const part of settled ?? []) {
        setEntry(part.directory.durableEntries, part);
      }
      if (pending !== undefined && pending.length > 0) {
        remaining.push({ ...change, parts: pending });
      }
    }
    this.#changes = remaining;
  }

  /** The entries that a crash leaves in the directories that have pending changes. */
  afterCrash(choice: CrashChoice): Map<SimulatedInode, Entries> {
    const entries = new Map<SimulatedInode, Entries>();
    for (const { kind, subject, parts } of this.#changes) {
      if (choice.keeps({ kind, inode: subject.number, name: parts[0]?.name ?? '' })) {
        for (const part of parts) {
          const names = entries.get(part.directory) ?? new Map(part.directory.durableEntries);
          entries.set(part.directory, names);
          setEntry(names, part);
        }
      }
    }
    return entries;
  }
}
