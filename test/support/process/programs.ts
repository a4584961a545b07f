import { spawnSync } from 'node:child_process';
import { describe, it } from 'vitest';

/**
 * Tests that compare with another program. Where it is not installed they are skipped, loudly; in CI that is a failure,
 * but for systems that `COMPARED_ELSEWHERE` says so of (test/matrix/enter.sh).
 */
export function describeWithProgram(program: string, name: string, body: () => void): void {
  if (spawnSync(program, ['--version']).error === undefined) {
    describe(name, body);
    return;
  }
  if (process.env['COMPARED_ELSEWHERE']?.split(' ').includes(program) === true) {
    console.warn(`COMPARED ELSEWHERE: ${name}: ${program} is not installed`);
    return;
  }
  const obstacle = `${program} is not installed`;
  if (process.env['CI'] !== undefined) {
    describe(name, () => {
      it(`finds ${program}`, () => {
        throw new Error(`nothing may be skipped in CI: ${obstacle}`);
      });
    });
    return;
  }
  console.warn(`SKIPPED: ${name}: ${obstacle}`);
  describe.skip(`${name} (SKIPPED: ${obstacle})`, body);
}
