import { expect, it } from 'vitest';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { DISTURBANCES, restoreIntoDisturbedTarget } from './disturbed-target.ts';

describeWithPostfix('5,000 messages, killed again and again, and after each kill:', () => {
  it.each(DISTURBANCES)('$title', async (disturbance) => {
    const report = await restoreIntoDisturbedTarget({ disturbance, messages: 5000, maximumKills: 20, seed: 1 });
    console.log(disturbance.title, JSON.stringify(report));
    expect(report.faults.slice(0, 12)).toEqual([]);
    expect(report.kills.sealed).toBeGreaterThan(3);
  });
});
