import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../src/byte-source.ts';
import { type Envelope, submissionDigest } from '../../../src/record/envelope.ts';
import { examineQueueFile } from '../../../src/record/examine.ts';
import { type LetterRecord, maildropFile, queueFile } from '../../support/queue/queue-file-builder.ts';

const TIME: LetterRecord = ['T', '1700000000 123456'];

function submitted(...records: LetterRecord[]): Envelope {
  return examineQueueFile(bytesSource(maildropFile({ envelope: [TIME, ...records] })), 'maildrop').envelope;
}

function queued(...records: LetterRecord[]): Envelope {
  return examineQueueFile(bytesSource(queueFile({ envelope: [TIME, ...records] })), 'deferred').envelope;
}

const SUBMITTED = submitted(['S', 'root'], ['R', 'bob'], ['R', 'carol@example.com']);
/** The same as cleanup(8) writes it: addresses completed, an alias expanded, a BCC recipient added. */
const QUEUED = queued(
  ['S', 'root@mail.example.com'],
  ['O', 'bob'],
  ['R', 'bob@mail.example.com'],
  ['O', 'carol@example.com'],
  ['R', 'carol@home.example.net'],
  ['O', 'carol@example.com'],
  ['R', 'carol@work.example.net'],
  ['O', ''],
  ['R', 'archive@example.com'],
);

describe('a submission', () => {
  it('is known again after pickup', () => {
    expect(submissionDigest(QUEUED)).toBe(submissionDigest(SUBMITTED));
  });

  it('is another after a requeue, which forgets the recipients that are done', () => {
    const partly = queued(['S', 'root'], ['O', 'bob'], ['D', 'bob'], ['O', 'carol'], ['R', 'carol']);
    const requeued = queued(['S', 'root'], ['O', 'carol'], ['R', 'carol']);
    expect(submissionDigest(requeued)).not.toBe(submissionDigest(partly));
  });

  it.each<[string, Envelope]>([
    ['another microsecond', { ...SUBMITTED, arrival: { seconds: 1_700_000_000, microseconds: 123_457 } }],
    ['other recipients', submitted(['S', 'root'], ['R', 'bob'], ['R', 'dave'])],
    ['the null sender', submitted(['S', ''], ['R', 'bob'], ['R', 'carol@example.com'])],
  ])('is another with %s', (_, other) => {
    expect(submissionDigest(other)).not.toBe(submissionDigest(SUBMITTED));
  });
});
