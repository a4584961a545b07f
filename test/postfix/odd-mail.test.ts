import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isMessageQueueName } from '../../src/queue/queue-name.ts';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { disagreements, faultsOf } from '../support/postfix/verdict.ts';
import { fillUnderSettings, fillWithOddMail, ODD_MESSAGES, ODD_SETTINGS, ODD_SUBMISSIONS } from './odd-mail.ts';
import type { Trial } from './trials.ts';

async function collect(
  parameters: Readonly<Record<string, string>>,
  fill: (postfix: PostfixInstance) => Promise<void>,
): Promise<Trial[]> {
  const postfix = await createInstance({ parameters: { in_flow_delay: '0', ...parameters } });
  try {
    await fill(postfix);
    return postfix
      .queueFiles()
      .filter(({ queueName }) => isMessageQueueName(queueName))
      .map(({ path }) => ({ name: path, bytes: readFileSync(join(postfix.queueDirectory, path)) }));
  } finally {
    await postfix.dispose();
  }
}

function queueOf(name: string): 'maildrop' | 'incoming' {
  return name.startsWith('maildrop/') ? 'maildrop' : 'incoming';
}

/** What postsnap finds wrong, in the queue that the file was in. */
function faulty(trials: readonly Trial[]): (readonly [string, readonly string[]])[] {
  return trials
    .map((trial) => [trial.name, faultsOf(trial, queueOf(trial.name))] as const)
    .filter(([, faults]) => faults.length > 0);
}

// Good mail that is left out would be lost mail.
describeWithPostfix('of mail that Postfix took, postsnap leaves out nothing', () => {
  it('however odd', async () => {
    const trials = await collect({}, fillWithOddMail);
    expect(trials.length).toBeGreaterThanOrEqual(
      Object.keys(ODD_MESSAGES).length + 2 * Object.keys(ODD_SUBMISSIONS).length,
    );
    expect(faulty(trials)).toEqual([]);
    expect(await disagreements(trials, 'pickup')).toEqual([]);
    const queued = trials.filter(({ name }) => queueOf(name) === 'incoming');
    expect(await disagreements(queued, 'qmgr')).toEqual([]);
  });

  it('whatever the settings', async () => {
    const all: Trial[] = [];
    for (const [name, parameters, subjects] of ODD_SETTINGS) {
      const trials = await collect(parameters, (postfix) => fillUnderSettings(postfix, subjects));
      // One subject is discarded, and a submission comes on top.
      expect(trials.length, name).toBeGreaterThanOrEqual(subjects.length);
      expect(faulty(trials)).toEqual([]);
      all.push(...trials.map((trial) => ({ ...trial, name: `${name}: ${trial.name}` })));
    }
    expect(await disagreements(all, 'pickup')).toEqual([]);
  });
});
