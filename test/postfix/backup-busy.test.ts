import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BusyPostfix } from '../soak/busy-postfix.ts';
import { complaints, type Round, takeRound, withoutLost } from '../soak/snapshots.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';

describeWithPostfix('a snapshot of a busy Postfix', () => {
  it('has every message that stayed, once, and disturbs nothing', { timeout: 180_000 }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'postsnap-busy-'));
    const busy = await BusyPostfix.start({ messages: 300, releaseAfterMs: 15_000 });
    try {
      busy.stir();
      const rounds: Round[] = [];
      for (let round = 0; round < 4; round += 1) {
        rounds.push(await takeRound(busy, directory));
      }
      const survivors = await busy.stop();
      expect(survivors.size).toBeGreaterThanOrEqual(290);
      for (const { snapshot } of withoutLost(rounds, survivors)) {
        expect(snapshot).toMatchObject({ missed: [], twice: [] });
        expect(snapshot.stayed).toBeGreaterThanOrEqual(300);
      }
      expect(complaints(busy.postfix.log())).toEqual([]);
    } finally {
      await busy.dispose();
      rmSync(directory, { recursive: true });
    }
  });
});
