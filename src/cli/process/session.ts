/** One command's run, as its work sees it. */

import type { OperationEvent } from '../../operation.ts';
import type { MessageMapping } from '../../restore/options.ts';
import { type CommonOptions, isVerbose, verbosity } from '../options/common-options.ts';
import type { QueueCommands } from '../output/queue-commands.ts';
import { remarkLine, severityLine } from '../output/stderr-line.ts';
import type { Asides } from './asides.ts';
import { endStatus } from './end-status.ts';
import type { Interruption } from './interruption.ts';
import { type ProgressDisplay, progressText } from './progress-bar.ts';
import type { RunFacts, RunRecord } from './run-record.ts';
import type { StandardInput } from './standard-input.ts';
import type { StandardOutput } from './standard-output.ts';
import type { Terminal } from './terminal.ts';

export interface SessionParts {
  readonly terminal: Terminal;
  readonly options: CommonOptions;
  readonly display: ProgressDisplay;
  readonly interruption: Interruption;
  readonly record: RunRecord;
  /** How far it is. */
  readonly latest: { text: string };
  readonly asides: Asides;
  readonly commands: QueueCommands;
}

/** One command's run. Operations take it as what controls them. */
export class Session {
  readonly signal: AbortSignal;
  /** Seconds to wait for another run. */
  readonly patience: number;
  readonly environment: Terminal['environment'];
  readonly isTerminal: Terminal['isTerminal'];
  readonly standardInput: () => StandardInput;
  /** The arguments of the program, as they were given. */
  readonly argv: readonly string[];
  /** The result; stderr is for everything else. */
  readonly output: StandardOutput;
  /** That act on the same queue. */
  readonly commands: QueueCommands;
  readonly #parts: SessionParts;
  readonly #warned = new Set<string>();
  #phase: string | undefined;

  constructor(parts: SessionParts) {
    const { environment, isTerminal, standardInput, output, argv = [] } = parts.terminal;
    this.#parts = parts;
    this.signal = parts.interruption.signal;
    this.patience = parts.options.wait ?? 0;
    this.environment = environment;
    this.isTerminal = isTerminal;
    this.standardInput = standardInput;
    this.argv = argv;
    this.output = output;
    this.commands = parts.commands;
  }

  /** Takes what an operation tells on its way. Operations call it by itself, without its session. */
  readonly onEvent = (event: OperationEvent): void => {
    if (event.kind === 'warning') {
      this.warn(event.message);
      return;
    }
    const { options, display, latest } = this.#parts;
    if (isVerbose(options) && event.phase !== this.#phase) {
      this.remark(event.phase);
    }
    this.#phase = event.phase;
    latest.text = progressText(event);
    if (verbosity(options) > 1) {
      this.remark(latest.text);
    }
    display.show(event);
  };

  /** A warning that was shown already is not shown again. */
  warn(text: string): void {
    if (!this.#warned.has(text)) {
      this.#warned.add(text);
      this.#say(severityLine('warning', text));
    }
  }

  /** What went wrong beside the work: a run that fails says it in the line that tells why. */
  aside(text: string): void {
    this.#parts.asides.add(text);
  }

  /** Tells why the command failed. */
  fail(text: string): void {
    this.#say(severityLine('fatal', text));
  }

  /** A remark for people: not with `--quiet`. */
  remark(text: string): void {
    this.show(remarkLine(text));
  }

  /** Lines for people that have no place on stdout: not with `--quiet`. */
  show(lines: string): void {
    if (this.#parts.options.quiet !== true) {
      this.#say(lines);
    }
  }

  /** The result of the command, on stdout: with `--quiet` only as JSON. Archives and messages go to `output`. */
  tell(lines: string): void {
    const { options } = this.#parts;
    if (options.quiet !== true || options.json === true) {
      this.output.write(lines);
    }
  }

  /** What became of a message, for the mail log. */
  log(mapping: MessageMapping): void {
    this.#parts.record.add(mapping);
  }

  /** What the last line in the mail log says of this run. */
  summarize(facts: RunFacts): void {
    this.#parts.record.summarize(facts);
  }

  /** The exit status that an error leads to, if it ends the command. */
  statusOf(error: unknown): number {
    return endStatus(error, this.#parts.interruption);
  }

  #say(line: string): void {
    this.#parts.display.clear();
    this.#parts.terminal.writeError(line);
  }
}
