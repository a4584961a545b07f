/**
 * Root's side of a process that works with mail_owner's rights. That process has no way back to root's rights: it is
 * started as mail_owner, without supplementary groups, in a session of its own, so that it has no terminal to write to.
 * It may be taken over by whoever else is mail_owner (ptrace(2)). So root gives it descriptors for reading only, writes
 * itself what is made, and answers no more than root-service.ts does.
 *
 * The code of that process may lie where mail_owner can't read it: root opens it, and hands the descriptor over.
 */

import type { ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { SystemError } from '../errors.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { isRootsAlone } from '../fs/roots-alone.ts';
import { decodeError } from '../worker/plain-error.ts';
import { encodeFrame, FrameDecoder, FrameError, type FrameLimits } from './frame.ts';
import { spawnOwner } from './owner-spawn.ts';
import { DOOR, encodeStart, FIRST_OTHER, type OwnerStart } from './owner-start.ts';
import type { OwnerRun, OwnerWork } from './owner-work.ts';
import { encodeAnswer } from './root-answer.ts';
import { decodeRequest } from './root-request.ts';
import { RootService } from './root-service.ts';
import { tieToThisProcess } from './tie.ts';
import { decodeTold, type Told } from './told.ts';

/** A report names each file that could not be read. */
const FROM_OWNER: FrameLimits = { text: 67_108_864, bytes: 0 };

/**
 * Does a work in a process of the owner's.
 *
 * @throws what the work throws
 */
export async function runInOwnerProcess<Setup, Report, Row>(
  work: OwnerWork<Setup, Report, Row>,
  run: OwnerRun<Setup, Row>,
  start: typeof spawnOwner = spawnOwner,
): Promise<Report> {
  const { control, owner, queueDirectory } = run;
  const fs = nodeFileSystem;
  const layout = layOut(work, run, isRootsAlone(fs, queueDirectory));
  const child = await start({ owner, queueDirectory, extra: layout.stdio });
  const untie = tieToThisProcess(child, control.signal);
  try {
    return await new Conversation({ child, fs, work, run, start: layout.start }).report();
  } finally {
    untie();
  }
}

interface Layout {
  readonly start: OwnerStart;
  /** What stands behind the fixed descriptors. */
  readonly stdio: readonly ('pipe' | number)[];
}

function layOut<Setup, Report, Row>(
  { name, task }: OwnerWork<Setup, Report, Row>,
  { setup, owner, queueDirectory, files = [], output, readers = 0 }: OwnerRun<Setup, Row>,
  isSafe: boolean,
): Layout {
  const stdio: ('pipe' | number)[] = [];
  const add = (what: 'pipe' | number): number => FIRST_OTHER + stdio.push(what) - 1;
  const start: OwnerStart = {
    work: name,
    setup,
    owner,
    queueDirectory,
    task: isSafe ? task : undefined,
    output: output === undefined ? undefined : add('pipe'),
    files: files.map(add),
    doors: isSafe ? Array.from({ length: readers }, () => add('pipe')) : [],
  };
  return { start, stdio };
}

interface ConversationParts<Setup, Report, Row> {
  readonly child: ChildProcess;
  readonly fs: FileSystem;
  readonly work: OwnerWork<Setup, Report, Row>;
  readonly run: OwnerRun<Setup, Row>;
  readonly start: OwnerStart;
}

/** A way on which requests come. */
interface Line {
  readonly stream: Duplex;
  /** Undefined where root answers nothing. */
  readonly service: RootService | undefined;
  /** The one on which all else is told, too. */
  readonly isMain: boolean;
}

class Conversation<Setup, Report, Row> {
  readonly #parts: ConversationParts<Setup, Report, Row>;
  readonly #services: RootService[] = [];
  #end: { readonly report: Report } | { readonly error: unknown } | undefined;
  #lastWords = '';

  constructor(parts: ConversationParts<Setup, Report, Row>) {
    this.#parts = parts;
  }

  /** Lets the work begin, serves it, and resolves when its process has ended. */
  async report(): Promise<Report> {
    const { child, start } = this.#parts;
    for (const fd of [DOOR, ...start.doors]) {
      this.#serve(streamOf(child, fd), fd === DOOR);
    }
    this.#takeOutput();
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString()).slice(-LAST_WORDS);
    });
    streamOf(child, DOOR).write(encodeFrame('', encodeStart(start)));
    const { status, signal } = await ended(child);
    for (const service of this.#services) {
      service.close();
    }
    if (this.#end === undefined) {
      throw diedEarly({ status, signal, lastWords: this.#lastWords });
    }
    if ('error' in this.#end) {
      throw this.#end.error;
    }
    return this.#end.report;
  }

  #serve(stream: Duplex, isMain: boolean): void {
    const { fs, run, start } = this.#parts;
    const { queueDirectory, owner, onRootsFile = () => undefined } = run;
    const { task } = start;
    const service = task === undefined ? undefined : new RootService({ fs, queueDirectory, owner, task, onRootsFile });
    if (service !== undefined) {
      this.#services.push(service);
    }
    const decoder = new FrameDecoder(FROM_OWNER);
    // Its end of the socket is gone when it is.
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => {
      this.#attempt(() => {
        for (const { text } of decoder.push(chunk)) {
          this.#hear(JSON.parse(text), { stream, service, isMain });
        }
      });
    });
  }

  #hear(value: unknown, { stream, service, isMain }: Line): void {
    const request = service === undefined ? undefined : decodeRequest(value);
    if (request !== undefined && service !== undefined) {
      stream.write(encodeAnswer(service.answer(request)));
      return;
    }
    const told = isMain ? decodeTold(value) : undefined;
    if (told === undefined) {
      throw new FrameError('it asks for what nobody gives');
    }
    this.#take(told);
  }

  #take(told: Told): void {
    const { work, run } = this.#parts;
    switch (told.kind) {
      case 'event':
        run.control.onEvent?.(told.event);
        break;
      case 'rows':
        for (const row of told.rows) {
          if (!work.isRow(row)) {
            throw new FrameError('a row is not of its form');
          }
          run.onRow?.(row);
        }
        break;
      case 'report':
        if (!work.isReport(told.report)) {
          throw new FrameError('the report is not of its form');
        }
        this.#finish({ report: told.report });
        break;
      case 'error':
        this.#finish({ error: decodeError(told.error) });
        break;
    }
  }

  /** The first end is the one that counts. */
  #finish(end: { readonly report: Report } | { readonly error: unknown }): void {
    this.#end ??= end;
    setTimeout(() => this.#kill(), TIME_TO_END_MS).unref();
  }

  #takeOutput(): void {
    const { child, start, run } = this.#parts;
    if (start.output !== undefined) {
      const stream = streamOf(child, start.output);
      stream.on('error', () => undefined);
      stream.on('data', (chunk: Buffer) => {
        this.#attempt(() => run.output?.write(chunk));
      });
    }
  }

  /** What fails here ends the work: nobody would take its result. */
  #attempt(work: () => void): void {
    if (this.#end !== undefined && 'error' in this.#end) {
      return;
    }
    try {
      work();
    } catch (error) {
      this.#end = { error: isNonsense(error) ? saidNonsense(error) : error };
      this.#kill();
    }
  }

  #kill(): void {
    try {
      this.#parts.child.kill('SIGKILL');
    } catch {
      // Root without CAP_KILL: its sockets are closed, so it ends by itself.
    }
    this.#parts.child.stdin?.destroy();
  }
}

const LAST_WORDS = 4096;
const TIME_TO_END_MS = 10_000;

function streamOf(child: ChildProcess, fd: number): Duplex {
  const stream: unknown = child.stdio[fd];
  if (!isDuplex(stream)) {
    throw new Error(`descriptor ${fd} of the process of mail_owner is no socket`);
  }
  return stream;
}

function isDuplex(stream: unknown): stream is Duplex {
  return typeof stream === 'object' && stream !== null && 'write' in stream && 'on' in stream;
}

interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

function ended(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('close', (status, signal) => resolve({ status, signal }));
  });
}

function isNonsense(error: unknown): error is Error {
  return error instanceof FrameError || error instanceof SyntaxError;
}

/** A bug, or somebody else in its place. */
function saidNonsense(cause: Error): SystemError {
  return new SystemError('refused', `the process with mail_owner's rights says what it must not: ${cause.message}`, {
    errno: 'EPROTO',
    cause,
    nextStep: 'Find out whether somebody else uses the mail_owner account. Then run the same command again.',
  });
}

function diedEarly({ status, signal, lastWords }: Ending & { readonly lastWords: string }): SystemError {
  const how = signal === null ? `ended with status ${status}` : `was killed by ${signal}`;
  const words = lastWords.trim().split('\n').at(-1) ?? '';
  const said = words === '' ? '' : ` (${words})`;
  return new SystemError('refused', `the process that worked with mail_owner's rights ${how}${said}`, {
    errno: 'ECHILD',
    nextStep:
      signal === 'SIGKILL'
        ? 'Look whether memory ran out. Then run the same command again: a restore goes on where it stopped.'
        : 'Run the same command again: a restore goes on where it stopped.',
  });
}
