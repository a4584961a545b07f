/** The run of one command: what its work may use, and what follows from how it ends. */

import { SystemError } from '../../errors.ts';
import { lowerPriority } from '../../fs/priority.ts';
import { isInterruption } from '../../operation.ts';
import { refuseSetUid } from '../../rights/identity.ts';
import { type CommonOptions, installationOptions, isVerbose } from '../options/common-options.ts';
import { interruptionText } from '../output/interruption-text.ts';
import { MailLog } from '../output/mail-log.ts';
import { formatDuration } from '../output/quantity.ts';
import { QueueCommands } from '../output/queue-commands.ts';
import { fatalText, remarkLine, severityLine } from '../output/stderr-line.ts';
import { Asides } from './asides.ts';
import { endStatus } from './end-status.ts';
import { IO_ERROR } from './exit-status.ts';
import { Interruption } from './interruption.ts';
import { noProgress, type ProgressDisplay } from './progress-bar.ts';
import { onProgressSignal } from './progress-signal.ts';
import { RunRecord } from './run-record.ts';
import { Services } from './services.ts';
import { Session, type SessionParts } from './session.ts';
import { OutputClosed, type StandardOutput } from './standard-output.ts';
import { beforeSuspension } from './suspension.ts';
import type { Terminal } from './terminal.ts';

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
  const { services = new Services() } = terminal;
  // What the mail log is not told, as a dry run, no service is told either.
  const url = logged === undefined ? undefined : options.ping;
  const asides = new Asides();
  if (url === undefined) {
    services.beginUntold();
    return runOnce(terminal, options, { work, logged, asides });
  }
  const fault = await services.begin(url);
  if (fault !== undefined) {
    asides.add(fault);
  }
  const said: string[] = [];
  const writeError = (text: string): void => {
    said.push(text);
    terminal.writeError(text);
  };
  const status = await runOnce({ ...terminal, writeError }, options, { work, logged, asides });
  services.note(url, { status, said: said.join('') });
  if (terminal.services === undefined) {
    await endServices(services, terminal);
  }
  return status;
}

/** Tells the services how all has ended, and people what became of that. */
export async function endServices(services: Services, terminal: Pick<Terminal, 'writeError'>): Promise<void> {
  for (const fault of await services.end()) {
    terminal.writeError(severityLine('warning', fault));
  }
}

interface Asked {
  readonly work: (session: Session) => Promise<number>;
  readonly logged: string | undefined;
  readonly asides: Asides;
}

async function runOnce(terminal: Terminal, options: CommonOptions, { work, logged, asides }: Asked): Promise<number> {
  const display = await openDisplay(terminal, options);
  const record = openRecord(logged, { terminal, options, asides });
  const commands = new QueueCommands(options, terminal.environment['MAIL_CONFIG']);
  const latest = { text: 'nothing is done yet' };
  const endSignal = onProgressSignal(terminal.signals, () => {
    display.clear();
    terminal.writeError(remarkLine(latest.text));
  });
  const endSuspension = beforeSuspension(terminal.signals, () => display.clear());
  const interruption = new Interruption(terminal.signals, terminal.ignoredSignals);
  try {
    refuseSetUid();
    if (options.nice === true) {
      lowerPriority();
    }
    const session = new Session({ terminal, options, display, interruption, record, latest, asides, commands });
    const began = performance.now();
    const status = await work(session);
    display.clear();
    tellTime(performance.now() - began, options, session);
    const ended = flushReport(terminal.output, status);
    record.end(ended);
    warnOf(asides, terminal);
    return ended;
  } catch (error) {
    display.clear();
    return failed(error, { terminal, interruption, commands, record, asides });
  } finally {
    interruption.dispose();
    endSignal();
    endSuspension();
  }
}

function openRecord(
  logged: string | undefined,
  { terminal, options, asides }: Pick<SessionParts, 'terminal' | 'options' | 'asides'>,
): RunRecord {
  if (logged === undefined || terminal.openLog === undefined) {
    return new RunRecord('', undefined);
  }
  const write = terminal.openLog(installationOptions(options, terminal.environment['MAIL_CONFIG']).configDirectory);
  return new RunRecord(logged, new MailLog({ write, warn: (text) => asides.add(text) }));
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

type Failing = Pick<SessionParts, 'terminal' | 'interruption' | 'record' | 'asides' | 'commands'>;

/** The mail log comes first: what is wrong with it stands in the line that tells why the run failed. */
function failed(error: unknown, { terminal, interruption, commands, record, asides }: Failing): number {
  try {
    // Lines that were written before the error are whole, and stay true.
    terminal.output.flush();
  } catch {
    // The first error is the one to tell.
  }
  const ended = error instanceof OutputClosed ? IO_ERROR : endStatus(error, interruption);
  record.end(ended, error);
  if (error instanceof OutputClosed) {
    warnOf(asides, terminal);
  } else {
    terminal.writeError(asides.besides(whyItFailed(error, interruption, commands)));
  }
  return ended;
}

function warnOf(asides: Asides, terminal: Terminal): void {
  const text = asides.asWarnings();
  if (text !== '') {
    terminal.writeError(text);
  }
}

function whyItFailed(error: unknown, interruption: Interruption, commands: QueueCommands): string {
  const received = interruption.received();
  return received !== undefined && isInterruption(error)
    ? severityLine('fatal', interruptionText(error, received))
    : fatalText(error, commands);
}
