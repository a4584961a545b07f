import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { BusyPostfix } from './busy-postfix.ts';
import { complaints, type Round, table, takeRound, withoutLost } from './snapshots.ts';

const MESSAGES = Number(process.env['SOAK_MESSAGES'] ?? 3000);
const SNAPSHOTS = Number(process.env['SOAK_SNAPSHOTS'] ?? 50);

describeWithPostfix('snapshots of a busy Postfix', () => {
  it('have every message that stayed, once', { timeout: 3_600_000 }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'postsnap-soak-'));
    const busy = await BusyPostfix.start({ messages: MESSAGES, releaseAfterMs: 120_000 });
    const rounds: Round[] = [];
    try {
      busy.stir();
      while (rounds.length < SNAPSHOTS) {
        rounds.push(await takeRound(busy, directory));
      }
      const residents = busy.residents();
      const survivors = await busy.stop();
      const judged = withoutLost(rounds, survivors);
      console.info(
        `${table(judged)}\n${JSON.stringify({ ...busy.actions, lost: [...residents].filter((resident) => !survivors.has(resident)).length })}`,
      );
      expect(judged.flatMap(({ snapshot }) => [...snapshot.missed, ...snapshot.twice])).toEqual([]);
      expect(complaints(busy.postfix.log())).toEqual([]);
    } finally {
      await busy.dispose();
      rmSync(directory, { recursive: true });
    }
  });
});
