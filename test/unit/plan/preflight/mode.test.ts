/** Modes that Postfix did not give. */

import { expect, it } from 'vitest';
import { find } from '../../../support/plan/find.ts';

it('findings name modes that Postfix did not give', () => {
  const modes = [0o700, 0o710, 0o744, 0o750, 0o777, 0o644, 0o600];
  expect(find(modes.map((mode) => ({ mode })))).toMatchObject([
    { code: 'forced-expiry', messages: 1 },
    { code: 'stray-group-execute', messages: 2, examples: [{ queue_id: '4F1A23B' }, { queue_id: '4F1A24B' }] },
    { code: 'mode-lost', messages: 2 },
  ]);
  expect(find([{ queue_name: 'corrupt', mode: 0o400 }], { options: { queues: new Set(['corrupt']) } })).toEqual([]);
});
