import { expect, it } from 'vitest';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { restoreIntoStoppedTarget } from '../torture/stopped-target.ts';

describeWithPostfix('a restore that is killed again and again, Postfix being stopped', () => {
  it('puts each message into the queue once, ready, and changes nothing that was there', async () => {
    const report = await restoreIntoStoppedTarget({ messages: 1000, maximumKills: 16, seed: 1 });
    expect(report).toMatchObject({ messages: 1000, faults: [], postsuper: '' });
    // How many kills come at the right time is the machine's affair; the long run asks for many.
    expect(report.kills.staging + report.kills.sealed).toBeGreaterThan(0);
  });
});
