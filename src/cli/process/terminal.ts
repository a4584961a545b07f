/** What the command line has of the world outside. */

import type { LogPriority } from '../../postfix/postlog.ts';
import type { InterruptingSignal, SignalEmitter } from './interruption.ts';
import type { ProgressDisplay } from './progress-bar.ts';
import type { ProgressSignal } from './progress-signal.ts';
import type { Services } from './services.ts';
import type { StandardInput } from './standard-input.ts';
import type { StandardOutput } from './standard-output.ts';
import type { SuspensionSignal } from './suspension.ts';

/** What the command line has of the world outside. */
export interface Terminal {
  readonly output: StandardOutput;
  /** It is made when it is asked for: it costs time, and may not be there. */
  readonly standardInput: () => StandardInput;
  /** Writes to stderr; never throws. */
  readonly writeError: (text: string) => void;
  /** Makes a progress bar; undefined where stderr is no terminal. */
  readonly progressBar: (() => Promise<ProgressDisplay>) | undefined;
  readonly isTerminal: (stream: 'stdin' | 'stdout') => boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly ignoredSignals: ReadonlySet<InterruptingSignal>;
  readonly signals: SignalEmitter & ProgressSignal & SuspensionSignal;
  /** The arguments of the program, as they were given. */
  readonly argv?: readonly string[];
  /** Opens the mail log of a configuration directory; undefined: there is none. */
  readonly openLog?: (configDirectory: string | undefined) => LogWriter;
  /** Where this is one of several runs of a command line: who is told of all of them. */
  readonly services?: Services;
}

/** Returns what went wrong. */
export type LogWriter = (lines: readonly string[], priority: LogPriority) => string | undefined;
