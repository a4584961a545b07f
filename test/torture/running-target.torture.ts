import { expect, it } from 'vitest';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { restoreIntoRunningTarget } from './running-target.ts';

const SEEDS = [11, 12, 13, 14, 15];

describeWithPostfix('a restore that is killed again and again, while Postfix works on the queue', () => {
  it.each(SEEDS.flatMap((seed) => [['queues', seed] as const, ['maildrop', seed] as const]))(
    'into %s: each recipient gets each message once (seed %i)',
    async (into, seed) => {
      const report = await restoreIntoRunningTarget({ into, messages: 1500, maximumKills: 60, seed });
      console.log(JSON.stringify({ into, seed, ...report }));
      expect(report).toMatchObject({ wrong: {}, delivered: 3000, complaints: [], remains: [] });
    },
  );
});
