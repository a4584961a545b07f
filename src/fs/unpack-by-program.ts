/** Bytes that an installed program unpacks, from its standard input to its standard output. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pipeline, Readable } from 'node:stream';
import { OperatorError } from '../errors.ts';
import { SYSTEM_DIRECTORIES } from './command.ts';
import { errnoOf } from './system-error.ts';

const COMPLAINT_MAXIMUM = 1000;

/**
 * Gives what a program makes of pieces.
 *
 * @throws OperatorError `unavailable`: the program is not installed; `usage`: it can't unpack them
 */
export async function* unpackByProgram(
  [program, ...options]: readonly [string, ...string[]],
  name: string,
  pieces: Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const child = spawn(program, options, { env: { LC_ALL: 'C', PATH: SYSTEM_DIRECTORIES } });
  const ended = once(child, 'close');
  // Told below, where they are waited for.
  ended.catch(() => undefined);
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw errnoOf(error) === 'ENOENT' ? missing(program, name, error) : error;
  }
  let complaint = '';
  child.stderr.on('data', (piece) => {
    complaint = `${complaint}${String(piece)}`.slice(0, COMPLAINT_MAXIMUM);
  });
  // A program that ends before it has read all is known by its status.
  pipeline(Readable.from(pieces, { objectMode: true }), child.stdin, () => undefined);
  try {
    for await (const piece of child.stdout) {
      yield Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece));
    }
    await ended;
    if (child.exitCode !== 0) {
      throw new OperatorError('usage', `${program} can't unpack ${name}: ${complaint.trim()}`);
    }
  } finally {
    child.kill();
  }
}

function missing(program: string, name: string, cause: unknown): OperatorError {
  return new OperatorError('unavailable', `${name} is packed by ${program}, which is not installed`, {
    nextStep: `Install ${program}, or unpack ${name} on another machine.`,
    cause,
  });
}
