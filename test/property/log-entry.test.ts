import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLog } from '../support/queue/log-entries.ts';
import { runs } from './runs.ts';

const word = fc.stringMatching(/^[!-~]{1,30}$/);

describe('logs', () => {
  it('of any bytes are read without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        for (const { recipient, status, action, reason } of parseLog(bytes, 'defer')) {
          expect([recipient, status, action, reason]).not.toContain('');
        }
      }),
      { numRuns: runs(2000) },
    );
  });

  it('tell each entry that bounce_append_service.c would write', () => {
    const entry = fc.record({ recipient: word, reason: word, offset: fc.integer({ min: 1 }) });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
        const text = entries
          .map(
            ({ recipient, reason, offset }) =>
              `\n<${recipient}>: ${reason}\nrecipient=${recipient}\noffset=${offset}\nreason=${reason}\n\n`,
          )
          .join('');
        expect(parseLog(Buffer.from(text), 'bounce')).toMatchObject(entries);
      }),
    );
  });
});
