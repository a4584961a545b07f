/** The run of one command: what its work may use, and what follows from how it ends. */

import { InterruptedError, SystemError } from '../../errors.ts';
import { lowerPriority } from '../../fs/priority.ts';
import type { OperationEvent } from '../../operation.ts';
import type { LogPriority } from '../../postfix/postlog.ts';
import type { MessageMapping } from '../../restore/options.ts';
import { refuseSetUid } from '../../rights/identity.ts';
import {
  type CommonOptions,
  installationOptions,
  installationWords,
  isVerbose,
  verbosity,
} from '../options/common-options.ts';
import { MailLog } from '../output/mail-log.ts';
import { formatDuration } from '../output/quantity.ts';
import { shellLine } from '../output/shell-words.ts';
import { fatalText, remarkLine, severityLine } from '../output/stderr-line.ts';
import { exitStatusOf, IO_ERROR } from './exit-status.ts';
import { type InterruptingSignal, type Interruption, signalStatus, watchForInterruption } from './interruption.ts';
import { Ping } from './ping.ts';
import { noProgress, type ProgressDisplay, progressText } from './progress-bar.ts';
import { onProgressSignal, type ProgressSignal } from './progress-signal.ts';
import { type RunFacts, RunRecord } from './run-record.ts';
import type { StandardInput } from './standard-input.ts';
import { OutputClosed, type StandardOutput } from './standard-output.ts';
import { beforeSuspension, type SuspensionSignal } from './suspension.ts';

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
  readonly signals: Parameters<typeof watchForInterruption>[0] & ProgressSignal & SuspensionSignal;
  /** The arguments of the program, as they were given. */
  readonly argv?: readonly string[];
  /** Opens the mail log of a configuration directory; undefined: there is none. */
  readonly openLog?: (configDirectory: string | undefined) => LogWriter;
}

/** Returns what went wrong. */
type LogWriter = (lines: readonly string[], priority: LogPriority) => string | undefined;

/** One command's run, as its work sees it. */
export interface Session {
  readonly signal: AbortSignal;
  readonly onEvent: (event: OperationEvent) => void;
  /** Seconds to wait for another run. */
  readonly patience: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isTerminal: (stream: 'stdin' | 'stdout') => boolean;
  readonly standardInput: () => StandardInput;
  /** The arguments of the program, as they were given. */
  readonly argv: readonly string[];
  /** The result; stderr is for everything else. */
  readonly output: StandardOutput;
  /** A warning that was shown already is not shown again. */
  warn(text: string): void;
  /** Tells why the command failed. */
  fail(text: string): void;
  /** A remark for people: not with `--quiet`. */
  remark(text: string): void;
  /** A command that works on the same queue, to be typed as it stands. */
  hint(command: string, ...options: readonly string[]): string;
  /** The result of the command, on stdout: with `--quiet` only as JSON. Archives and messages go to `output`. */
  tell(lines: string): void;
  /** Lines for people that have no place on stdout: not with `--quiet`. */
  show(lines: string): void;
  /** What became of a message, for the mail log. */
  log(mapping: MessageMapping): void;
  /** The exit status that an error leads to, if it ends the command. */
  statusOf(error: unknown): number;
  /** What the last line in the mail log says of this run. */
  summarize(facts: RunFacts): void;
}

/**
 * Runs a command's work and remembers its exit status.
 *
 * @param logged the name of a command whose runs the mail log tells
 */
export type Runner = (
  options: CommonOptions,
  work: (session: Session) => Promise<number>,
  logged?: string,
) => Promise<void>;

/**
 * Runs a command's work: signals, progress and warnings on the way, and the exit status at the end, whatever happens.
 *
 * @param work resolves to the exit status. Output that must have arrived for that status to be true, it flushes itself.
 */
export async function runSession(
  terminal: Terminal,
  options: CommonOptions,
  ...[work, logged]: [work: (session: Session) => Promise<number>, logged?: string | undefined]
): Promise<number> {
  // What the mail log is not told, as a dry run, no service is told either.
  if (options.ping === undefined || logged === undefined) {
    return runOnce(terminal, options, work, logged);
  }
  const said: string[] = [];
  const writeError = (text: string): void => {
    said.push(text);
    terminal.writeError(text);
  };
  const ping = new Ping({ url: options.ping, warn: (text) => writeError(severityLine('warning', text)) });
  await ping.start();
  const status = await runOnce({ ...terminal, writeError }, options, work, logged);
  await ping.end(status, said.join(''));
  return status;
}

async function runOnce(
  terminal: Terminal,
  options: CommonOptions,
  ...[work, logged]: [work: (session: Session) => Promise<number>, logged: string | undefined]
): Promise<number> {
  const display = await openDisplay(terminal, options);
  const record = openRecord(logged, terminal, options);
  const latest = { text: 'nothing is done yet' };
  const endSignal = onProgressSignal(terminal.signals, () => {
    display.clear();
    terminal.writeError(remarkLine(latest.text));
  });
  const endSuspension = beforeSuspension(terminal.signals, () => display.clear());
  const interruption = watchForInterruption(terminal.signals, terminal.ignoredSignals);
  try {
    refuseSetUid();
    if (options.nice === true) {
      lowerPriority();
    }
    const session = makeSession({ terminal, options, display, interruption, record, latest });
    const began = performance.now();
    const status = await work(session);
    display.clear();
    tellTime(performance.now() - began, options, session);
    const ended = flushReport(terminal.output, status);
    record.end(ended);
    return ended;
  } catch (error) {
    display.clear();
    const ended = failed(error, { terminal, interruption, installation: installationWords(options) });
    record.end(ended, error);
    return ended;
  } finally {
    interruption.dispose();
    endSignal();
    endSuspension();
  }
}

function openRecord(logged: string | undefined, terminal: Terminal, options: CommonOptions): RunRecord {
  if (logged === undefined || terminal.openLog === undefined) {
    return new RunRecord('', undefined);
  }
  const write = terminal.openLog(installationOptions(options, terminal.environment['MAIL_CONFIG']).configDirectory);
  const warn = (text: string): void => terminal.writeError(severityLine('warning', text));
  return new RunRecord(logged, new MailLog({ write, warn }));
}

function tellTime(milliseconds: number, options: CommonOptions, session: Session): void {
  if (isVerbose(options)) {
    session.remark(`took ${formatDuration(milliseconds)}`);
  }
}

function openDisplay(terminal: Terminal, options: CommonOptions): Promise<ProgressDisplay> | ProgressDisplay {
  const wanted = options.progress && options.quiet !== true;
  return wanted && terminal.progressBar !== undefined ? terminal.progressBar() : noProgress;
}

interface SessionParts {
  readonly terminal: Terminal;
  readonly options: CommonOptions;
  readonly display: ProgressDisplay;
  readonly interruption: Interruption;
  readonly record: RunRecord;
  /** How far it is. */
  readonly latest: { text: string };
}

function makeSession({ terminal, options, display, interruption, record, latest }: SessionParts): Session {
  const { signal } = interruption;
  const warned = new Set<string>();
  let phase: string | undefined;
  function say(line: string): void {
    display.clear();
    terminal.writeError(line);
  }
  function warn(text: string): void {
    if (warned.has(text)) {
      return;
    }
    warned.add(text);
    say(severityLine('warning', text));
  }
  function remark(text: string): void {
    if (options.quiet !== true) {
      say(remarkLine(text));
    }
  }
  function fail(text: string): void {
    say(severityLine('fatal', text));
  }
  function show(lines: string): void {
    if (options.quiet !== true) {
      say(lines);
    }
  }
  function tell(lines: string): void {
    if (options.quiet !== true || options.json === true) {
      terminal.output.write(lines);
    }
  }
  function onEvent(event: OperationEvent): void {
    if (event.kind === 'warning') {
      warn(event.message);
      return;
    }
    if (isVerbose(options) && event.phase !== phase) {
      remark(event.phase);
    }
    phase = event.phase;
    latest.text = progressText(event);
    if (verbosity(options) > 1) {
      remark(progressText(event));
    }
    display.show(event);
  }
  function hint(command: string, ...more: readonly string[]): string {
    return shellLine(['postsnap', command, ...more, ...installationWords(options)]);
  }
  const { environment, isTerminal, standardInput, output, argv = [] } = terminal;
  const world = { environment, isTerminal, standardInput, output, argv };
  const log = (mapping: MessageMapping): void => record.add(mapping);
  const summarize = (facts: RunFacts): void => record.summarize(facts);
  const patience = options.wait ?? 0;
  const statusOf = (error: unknown): number => endStatus(error, interruption);
  return { ...world, signal, onEvent, patience, warn, fail, hint, remark, show, tell, log, summarize, statusOf };
}

/** The work is done, whether or not anybody still wants to read its report. */
function flushReport(output: StandardOutput, status: number): number {
  try {
    output.flush();
  } catch (error) {
    if (!(error instanceof OutputClosed)) {
      throw error instanceof SystemError ? resultLost(error) : error;
    }
  }
  return status;
}

function resultLost(error: SystemError): SystemError {
  const { code, errno, message } = error;
  return new SystemError(code, `all is done, but its result is lost: ${message}`, {
    errno,
    nextStep: 'Make room, or send the output elsewhere; the command has not to be given again.',
    cause: error,
  });
}

interface Failing {
  readonly terminal: Terminal;
  readonly interruption: Interruption;
  readonly installation: readonly string[];
}

function failed(error: unknown, { terminal, interruption, installation }: Failing): number {
  try {
    // Lines that were written before the error are whole, and stay true.
    terminal.output.flush();
  } catch {
    // The first error is the one to tell.
  }
  if (error instanceof OutputClosed) {
    return IO_ERROR;
  }
  const received = interruption.received();
  if (received !== undefined && isInterruption(error)) {
    terminal.writeError(fatalText(error instanceof InterruptedError ? error : interruption.signal.reason));
  } else {
    terminal.writeError(fatalText(error, installation));
  }
  return endStatus(error, interruption);
}

function endStatus(error: unknown, interruption: Interruption): number {
  const received = interruption.received();
  return received !== undefined && isInterruption(error) ? signalStatus(received) : exitStatusOf(error);
}

/** Node's own calls answer an abort with an AbortError. */
function isInterruption(error: unknown): boolean {
  return error instanceof InterruptedError || (error instanceof Error && error.name === 'AbortError');
}
