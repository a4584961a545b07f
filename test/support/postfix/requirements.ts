import { spawnSync } from 'node:child_process';
import { describe, it } from 'vitest';

/** Why tests with a private Postfix can't run here; undefined if they can. */
function findObstacle(): string | undefined {
  if (process.getuid?.() !== 0) {
    return 'starting a private Postfix needs root';
  }
  const postconf = spawnSync('postconf', ['-dh', 'mail_version'], {
    encoding: 'utf8',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  if (postconf.status !== 0) {
    return `Postfix is not installed (postconf: ${postconf.error?.message ?? postconf.stderr.trim()})`;
  }
  return undefined;
}

/** Tests that need a real Postfix. Where there is none they are skipped, loudly; in CI that is a failure. */
export function describeWithPostfix(name: string, body: () => void): void {
  const obstacle = findObstacle();
  if (obstacle === undefined) {
    describe(name, body);
    return;
  }
  const { CI } = process.env;
  if (CI !== undefined) {
    describe(name, () => {
      it('finds a Postfix to test with', () => {
        throw new Error(`nothing may be skipped in CI: ${obstacle}`);
      });
    });
    return;
  }
  console.warn(`SKIPPED: ${name}: ${obstacle}`);
  describe.skip(`${name} (SKIPPED: ${obstacle})`, body);
}
