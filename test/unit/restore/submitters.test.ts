import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../src/journal/journal.ts';
import type { SubmissionService } from '../../../src/journal/submission.ts';
import type { RestoreRequest } from '../../../src/restore/request.ts';
import { type Giving, Proofs, submittersOf } from '../../../src/restore/submitters.ts';
import { messageLine } from '../../support/archive/catalogue-message.ts';

const OWNER = { uid: 1000, gid: 103 };
const MESSAGE = messageLine({ queue_name: 'maildrop', mode: 0o744, uid: OWNER.uid });
const ENTRY: JournalEntry = {
  queueName: 'maildrop',
  queueId: MESSAGE.queue_id,
  fingerprint: MESSAGE.fingerprint,
  newQueueName: 'maildrop',
  newQueueId: 'A0001B',
  from: '0/0.message',
  sha256: '0'.repeat(64),
  inode: 11n,
  size: MESSAGE.file_size,
  mode: 0o744,
  owner: OWNER,
  logs: [],
};

const SERVICE: SubmissionService = {
  give: () => ({ kind: 'given' }),
  setTime: () => 'set',
  tryToGive: () => undefined,
};

/** What is asked for the submitters; `readings` counts the readings of the catalogue. */
function makeGround(changes: { readonly submissions?: undefined } = {}) {
  const state = { readings: 0 };
  const giving = {
    submissions: SERVICE,
    accounts: { user: () => ({ uid: 101, gid: 103 }), setgidGroup: () => OWNER.gid },
    configuration: { mailOwner: 'postfix', setgidGroup: 'postdrop' },
    ...changes,
  } as unknown as Giving;
  const archive: Pick<RestoreRequest['archive'], 'catalogue'> = {
    *catalogue() {
      state.readings += 1;
      yield MESSAGE;
    },
  };
  return { giving, archive, state };
}

describe('the proof of whose a submission was', () => {
  it('is what the archive says, read once', () => {
    const { giving, archive, state } = makeGround();
    const submitters = submittersOf(giving, { archive });
    expect(submitters?.isProven(ENTRY)).toBe(true);
    expect(submitters?.isProven({ ...ENTRY, owner: { ...OWNER, uid: 1001 } })).toBe(false);
    expect(state.readings).toBe(1);
  });

  it('is what was noted when the archive was staged: the catalogue is not read again', () => {
    const { giving, archive, state } = makeGround();
    const proofs = new Proofs();
    const submitters = submittersOf(giving, { archive }, proofs);
    expect(submitters?.isProven(ENTRY)).toBe(false);
    proofs.note(ENTRY);
    expect(submitters?.isProven(ENTRY)).toBe(true);
    expect(submitters?.isProven({ ...ENTRY, fingerprint: 'f'.repeat(64) })).toBe(false);
    expect(state.readings).toBe(0);
  });

  it('is not asked for where there is no root', () => {
    const { giving, archive } = makeGround({ submissions: undefined });
    expect(submittersOf(giving, { archive })).toBeUndefined();
  });
});
