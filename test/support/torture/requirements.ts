import { spawnSync } from 'node:child_process';
import { describe, it } from 'vitest';

/** Something that a test needs of the machine: the reason why it can't be had, or undefined. */
export type Requirement = () => string | undefined;

export const root: Requirement = () => (process.getuid?.() === 0 ? undefined : 'it needs root');

/** A program that says with status 0 that it is there. */
export function program(name: string, ...args: readonly string[]): Requirement {
  return () => {
    const { error, status, stderr } = spawnSync(name, args, { encoding: 'utf8' });
    return status === 0 ? undefined : `${name} is not usable: ${error?.message ?? stderr.trim()}`;
  };
}

export const compiler: Requirement = program('cc', '--version');

/** Tests that need more than Node: where that can't be had they are skipped, loudly; in CI that is a failure. */
export function describeWith(requirements: readonly Requirement[], name: string, body: () => void): void {
  const obstacle = requirements.map((requirement) => requirement()).find((reason) => reason !== undefined);
  if (obstacle === undefined) {
    describe(name, body);
  } else if (process.env['CI'] !== undefined) {
    describe(name, () => {
      it('finds what it needs', () => {
        throw new Error(`nothing may be skipped in CI: ${obstacle}`);
      });
    });
  } else {
    console.warn(`SKIPPED: ${name}: ${obstacle}`);
    describe.skip(`${name} (SKIPPED: ${obstacle})`, body);
  }
}
