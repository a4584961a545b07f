/** What the commands of the installed Postfix say of a restored queue: postsuper(1), postcat(1) and postqueue(1). */

import { runCommand } from '../fs/command.ts';
import type { FileSystem } from '../fs/file-system.ts';

export interface JudgesOptions {
  readonly fs: FileSystem;
  readonly configDirectory: string;
  /** All queue files that Postfix would read. */
  readonly paths: readonly string[];
  /** How many of them postqueue shows. */
  readonly listed: number;
  readonly run?: typeof runCommand;
}

/** What Postfix has against the queue; nothing, where all is well. */
export function askPostfix(options: JudgesOptions): string[] {
  return [...askPostsuper(options), ...askPostcat(options), ...askPostqueue(options)];
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

function askPostcat({ configDirectory, paths, run = runCommand }: JudgesOptions): string[] {
  const problems: string[] = [];
  for (let at = 0; at < paths.length; at += PATHS_AT_ONCE) {
    // The envelope alone: the contents would be all mail of the queue.
    const outcome = run('postcat', ['-c', configDirectory, '-e', ...paths.slice(at, at + PATHS_AT_ONCE)]);
    if (outcome?.status !== 0) {
      problems.push(`postcat: ${saidBy(outcome)}`);
    }
  }
  return problems;
}

function askPostqueue({ configDirectory, listed, run = runCommand }: JudgesOptions): string[] {
  const outcome = run('postqueue', ['-c', configDirectory, '-j']);
  const count = outcome?.status === 0 ? linesIn(outcome.stdout) : undefined;
  if (count === listed) {
    return [];
  }
  return [`postqueue -j: ${count === undefined ? saidBy(outcome) : `it shows ${count} messages of ${listed}`}`];
}

function linesIn(text: string): number {
  return text.split('\n').filter((line) => line !== '').length;
}

function saidBy(outcome: ReturnType<typeof runCommand>): string {
  if (outcome === undefined) {
    return 'it is not installed';
  }
  const lines = outcome.stderr.split('\n').filter((line) => line !== '');
  return lines[0] ?? `it ended in ${outcome.status ?? 'a signal'}`;
}
