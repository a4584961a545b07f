import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runToEnd } from '../support/process/process.ts';
import { faultsOf, isStray } from '../support/torture/judge.ts';
import { makeArchive, makeQueueDirectory, openScratch, optionsFor } from '../support/torture/queues.ts';
import { compiler, describeWith, root } from '../support/torture/requirements.ts';
import { compileShim } from '../support/torture/shim.ts';

const ROUNDS = 40;

describeWith([root, compiler], 'a file server that loses replies, and fails for good now and then', () => {
  let scratch: string;
  beforeAll(() => {
    scratch = openScratch();
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
  });

  it('costs no message, and brings none twice', async () => {
    const shim = compileShim(scratch);
    const { source, archive } = makeArchive(scratch, 300);
    const totals = { rounds: ROUNDS, endings: 0, falseErrors: 0, hardErrors: 0 };
    for (let round = 1; round <= ROUNDS; round += 1) {
      const target = makeQueueDirectory(join(scratch, 'target'));
      const args = ['restore', '-q', ...optionsFor(target), archive];
      let status: number | null = null;
      for (let run = 0; run < 60 && status !== 0; run += 1) {
        const rates = { falsePercent: round * 2.5, createPercent: round, hardPermille: 1 };
        const environment = shim.environment({ below: target, ...rates, seed: round * 100 + run });
        const ended = await runToEnd(args, { environment });
        expect([0, 74], ended.stderr).toContain(ended.status);
        status = ended.status;
        totals.endings += status === 0 ? 0 : 1;
      }
      const { falseErrors, hardErrors } = shim.takeCounts();
      totals.falseErrors += falseErrors;
      totals.hardErrors += hardErrors;
      expect(await runToEnd(args)).toMatchObject({ status: 0 });
      expect(faultsOf(source, target).filter((fault) => !isStray(fault))).toEqual([]);
      rmSync(target, { recursive: true });
    }
    console.log(JSON.stringify(totals));
  });
});
