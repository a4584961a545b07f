/** What the commands of the installed Postfix say of a restored queue: postsuper(1), postcat(1) and postqueue(1). */

import { inBatches } from '../batches.ts';
import { runCommand } from '../fs/command.ts';
import { CommandFailure, commandLines } from '../fs/command-lines.ts';
import type { FileSystem } from '../fs/file-system.ts';

export interface JudgesOptions {
  readonly fs: FileSystem;
  readonly configDirectory: string;
  /** All queue files that Postfix would read. */
  readonly paths: readonly string[];
  /** How many of them postqueue shows. */
  readonly listed: number;
  readonly run?: typeof runCommand;
  /** A queue may be listed in more text than fits into memory. */
  readonly lines?: typeof commandLines;
}

/** What Postfix has against the queue; nothing, where all is well. */
export async function askPostfix(options: JudgesOptions): Promise<string[]> {
  return [...askPostsuper(options), ...(await askPostcat(options)), ...(await askPostqueue(options))];
}

/** It finds nothing to rename, to move or to remove: a file that it renames is not where it was. */
function askPostsuper({ fs, configDirectory, paths, run = runCommand }: JudgesOptions): string[] {
  const outcome = run('postsuper', ['-c', configDirectory, '-s']);
  const gone = paths.filter((path) => fs.lstat(path) === undefined);
  return [
    ...(outcome?.status === 0 && outcome.stderr === '' ? [] : [`postsuper -s: ${saidBy(outcome)}`]),
    ...(gone.length === 0 ? [] : [`postsuper -s renamed or moved ${gone.length} files, ${gone[0] ?? ''} first`]),
  ];
}

/** A command line holds at least 128 kB (execve(2)). */
const PATHS_AT_ONCE = 200;

async function askPostcat({ configDirectory, paths, lines = commandLines }: JudgesOptions): Promise<string[]> {
  const problems: string[] = [];
  for (const batch of inBatches(paths, PATHS_AT_ONCE)) {
    // The envelope alone: the contents would be all mail of the queue.
    const read = await countLines(lines('postcat', ['-c', configDirectory, '-e', ...batch]));
    problems.push(...(typeof read === 'string' ? [read] : []));
  }
  return problems;
}

async function askPostqueue({ configDirectory, listed, lines = commandLines }: JudgesOptions): Promise<string[]> {
  const count = await countLines(lines('postqueue', ['-c', configDirectory, '-j']));
  if (typeof count === 'string') {
    return [count];
  }
  return count === listed ? [] : [`postqueue -j: it shows ${count} messages of ${listed}`];
}

/** How many there are; or how the command failed. */
async function countLines(lines: AsyncIterable<string>): Promise<number | string> {
  let count = 0;
  try {
    for await (const line of lines) {
      count += line === '' ? 0 : 1;
    }
    return count;
  } catch (error) {
    if (!(error instanceof CommandFailure)) {
      throw error;
    }
    return error.message.split('\n')[0] ?? '';
  }
}

function saidBy(outcome: ReturnType<typeof runCommand>): string {
  if (outcome === undefined) {
    return 'it is not installed';
  }
  const lines = outcome.stderr.split('\n').filter((line) => line !== '');
  return lines[0] ?? `it ended in ${outcome.status ?? 'a signal'}`;
}
