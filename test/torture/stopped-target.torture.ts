import { expect, it } from 'vitest';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { restoreIntoStoppedTarget } from './stopped-target.ts';

describeWithPostfix('20,000 messages, killed again and again, Postfix being stopped', () => {
  it.each([1, 2, 3])('are there once each (seed %i)', async (seed) => {
    const report = await restoreIntoStoppedTarget({ messages: 20_000, maximumKills: 60, seed });
    console.log(JSON.stringify(report));
    expect(report).toMatchObject({ messages: 20_000, faults: [], postsuper: '' });
  });
});
