import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { BusyPostfix } from './busy-postfix.ts';
import { type BackupTimes, timeBackup } from './snapshots.ts';

const MESSAGES = Number(process.env['PACE_MESSAGES'] ?? 20_000);
const TAKES = 5;

describeWithPostfix('a snapshot of a large queue', () => {
  it('is taken while Postfix is busy: so much longer than at rest', { timeout: 3_600_000 }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'postsnap-pace-'));
    const busy = await BusyPostfix.start({ messages: MESSAGES, releaseAfterMs: 120_000 });
    const archive = join(directory, 'snapshot.tar.zst');
    const take = async (): Promise<BackupTimes[]> => {
      const times: BackupTimes[] = [];
      while (times.length < TAKES) {
        times.push(await timeBackup(busy, archive));
      }
      return times;
    };
    try {
      await busy.postfix.stop();
      const before = await take();
      await busy.postfix.start();
      busy.stir();
      const during = await take();
      await busy.stop();
      const after = await take();
      report('at rest, before', before);
      report('busy', during);
      report('at rest, after', after);
      const ratio = median(during, 'seconds') / median([...before, ...after], 'seconds');
      console.info(`busy / at rest: ${ratio.toFixed(2)}`);
      expect(during.map(({ messages }) => messages >= MESSAGES)).not.toContain(false);
    } finally {
      await busy.dispose();
      rmSync(directory, { recursive: true });
    }
  });
});

function median(times: readonly BackupTimes[], key: keyof BackupTimes): number {
  const values = times.map((time) => time[key]).sort((one, other) => one - other);
  return ((values[(values.length - 1) >> 1] ?? 0) + (values[values.length >> 1] ?? 0)) / 2;
}

function report(name: string, times: readonly BackupTimes[]): void {
  const figures = (['seconds', 'processorSeconds', 'messages', 'listings', 'listingMs'] as const).map(
    (key) => `${key} ${median(times, key).toFixed(1)}`,
  );
  console.info(`${name}, medians of ${times.length}: ${figures.join(', ')}`);
}
