import { bytesSource } from '../../../src/byte-source.ts';
import type { MessageQueueName } from '../../../src/queue/queue-name.ts';
import { examineQueueFile } from '../../../src/record/examine.ts';
import { type Judgement, judgedByPickup, judgedByQueueManager, type Trial } from '../../postfix/trials.ts';

/** `postfix` is what the installed version did, `postsnap` the faults for which postsnap leaves a message out. */
export interface Disagreement {
  readonly name: string;
  readonly postfix: Judgement | undefined;
  readonly postsnap: readonly string[];
}

/** Where postsnap and the installed Postfix differ about what Postfix takes. */
export async function disagreements(trials: readonly Trial[], reader: 'pickup' | 'qmgr'): Promise<Disagreement[]> {
  const judge = reader === 'pickup' ? judgedByPickup : judgedByQueueManager;
  const judgements = await judge(trials);
  return trials
    .map((trial) => ({
      name: trial.name,
      postfix: judgements.get(trial.name),
      postsnap: faultsOf(trial, reader === 'pickup' ? 'maildrop' : 'incoming'),
    }))
    .filter(({ postfix, postsnap }) => postfix?.isTaken !== (postsnap.length === 0));
}

/** The kinds of faults that postsnap finds. */
export function faultsOf({ bytes }: Trial, queueName: MessageQueueName): string[] {
  return examineQueueFile(bytesSource(bytes), queueName).faults.map(({ kind }) => kind);
}
