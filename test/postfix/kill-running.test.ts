import { expect, it } from 'vitest';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { restoreIntoRunningTarget } from '../torture/running-target.ts';

describeWithPostfix('a restore that is killed again and again, while Postfix works on the queue', () => {
  it.each([
    ['queues', 1],
    ['maildrop', 2],
  ] as const)('into %s: each recipient gets each message once', async (into, seed) => {
    const report = await restoreIntoRunningTarget({ into, messages: 250, maximumKills: 12, seed });
    expect(report).toMatchObject({ wrong: {}, delivered: 500, complaints: [], remains: [] });
    expect(report.wakings).toBeGreaterThan(0);
    // How many kills come at the right time is the machine's affair; the long run asks for many.
    expect(report.kills.staging + report.kills.sealed).toBeGreaterThan(0);
  });
});
