// A module of worker threads, in plain JavaScript: worker threads do not run TypeScript. It speaks worker-service.ts's
// protocol by hand; the built code is run in the tests of the command.
import { parentPort, workerData } from 'node:worker_threads';

parentPort.on('message', (job) => {
  if (job.kind === 'die') {
    process.exit(3);
  }
  if (job.kind === 'throw') {
    throw new Error('thrown in a worker');
  }
  if (job.kind === 'hang') {
    return;
  }
  if (job.kind === 'fail') {
    const error = { kind: 'archive', code: 'hostile', message: 'no', path: '/a', nextStep: 'Look.' };
    parentPort.postMessage({ kind: 'error', error });
    return;
  }
  const answer = () => parentPort.postMessage({ kind: 'result', result: `${workerData.setup.prefix}${job.value}` });
  setTimeout(answer, job.milliseconds ?? 0);
});
