/** The process of the command: its arguments, its streams, its signals and its end. */

import { isatty } from 'node:tty';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { Postlog } from '../postfix/postlog.ts';
import { fatalText } from './output/stderr-line.ts';
import { refuseClosedOutput } from './process/closed-stream.ts';
import { exitStatusOf } from './process/exit-status.ts';
import { ignoredByParent } from './process/interruption.ts';
import { canDrawBar, progressBar } from './process/progress-bar.ts';
import { BufferedOutput } from './process/standard-output.ts';
import { runProgram } from './program.ts';

/** The owner alone may read what postsnap creates: a queue is private mail. */
const UMASK = 0o077;

/**
 * The whole of the command: everything that touches the process is here.
 *
 * @returns the exit status.
 */
export function main(argv: readonly string[], version: string): Promise<number> {
  process.umask(UMASK);
  process.on('uncaughtException', endWithBug);
  // Also before a command begins and after its end: without a listener SIGUSR1 opens Node's debugger, by which every user of
  // this machine may do what root may. (ping.test.ts, "SIGUSR1 opens no debugger")
  process.on('SIGUSR1', () => undefined);
  return runProgram(
    argv,
    {
      output: new BufferedOutput(nodeFileSystem, 1, refuseClosedOutput),
      standardInput: () => process.stdin,
      writeError,
      progressBar: canDrawBar(process.stderr, process.env) ? () => progressBar(process.stderr) : undefined,
      isTerminal: (stream) => isatty(stream === 'stdin' ? 0 : 1),
      environment: process.env,
      ignoredSignals: ignoredByParent(),
      signals: process,
      openLog: (configDirectory) => {
        const log = new Postlog(configDirectory);
        return (lines, priority) => log.write(lines, priority);
      },
    },
    version,
  );
}

/** What escapes every promise and handler. Node's own status for it, 1, would mean that the work was done. */
function endWithBug(error: unknown): void {
  writeError(fatalText(error));
  process.exit(exitStatusOf(error));
}

function writeError(text: string): void {
  try {
    nodeFileSystem.write(2, Buffer.from(text));
  } catch {
    // There is nowhere left to say it; the exit status still tells.
  }
}
