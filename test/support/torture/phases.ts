import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How far a restore has come, as its state directory shows. */
export type Phase = 'before' | 'staging' | 'sealed' | 'done';

export function phaseOf(queueDirectory: string): Phase {
  const directory = join(queueDirectory, 'postsnap');
  const names = namesIn(directory);
  const journals = names.filter((name) => name.endsWith('.journal'));
  if (journals.some((name) => !isDone(join(directory, name)))) {
    return 'sealed';
  }
  if (names.some((name) => name.endsWith('.staged'))) {
    return 'staging';
  }
  return journals.length > 0 || names.some((name) => name.endsWith('.receipt')) ? 'done' : 'before';
}

/** How many files are staged. */
export function stagedCount(queueDirectory: string): number {
  const directory = join(queueDirectory, 'postsnap');
  return namesIn(directory)
    .filter((name) => name.endsWith('.staged'))
    .flatMap((name) => namesIn(join(directory, name)).flatMap((bucket) => namesIn(join(directory, name, bucket))))
    .length;
}

function isDone(journal: string): boolean {
  try {
    return readFileSync(journal, 'utf8').includes('\n{"kind":"done"');
  } catch {
    return false;
  }
}

/** What is there now; what goes meanwhile was not. */
function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
