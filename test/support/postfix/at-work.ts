/** Instances for one piece of work: each is gone, with what belongs to it, when that is done. */

import { onTestFinished } from 'vitest';
import { createInstance, type PostfixInstance } from './instance.ts';
import { type SmtpSink, startSink } from './sink.ts';
import { backUp } from './snapshot-of.ts';

/** Backs up the queue of a Postfix that is there for that alone. */
export async function archiveOf(archive: string, fill: (source: PostfixInstance) => Promise<void>): Promise<void> {
  const source = await createInstance();
  try {
    await source.start();
    await fill(source);
    await backUp(source, archive);
  } finally {
    await source.dispose();
  }
}

/** A Postfix that runs, and takes mail from its maildrop without a pause; and what it delivers to. For one test. */
export async function runningTarget(): Promise<{ readonly target: PostfixInstance; readonly receiver: SmtpSink }> {
  const target = await createInstance({ parameters: { in_flow_delay: '0' } });
  let receiver: SmtpSink | undefined;
  // In this order: Postfix may still deliver to it.
  onTestFinished(async () => {
    await target.dispose();
    await receiver?.close();
  });
  receiver = await startSink({ port: target.relayPort });
  await target.start();
  return { target, receiver };
}
