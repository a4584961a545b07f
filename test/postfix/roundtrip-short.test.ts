import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { testWays } from './roundtrip-suite.ts';

describeWithPostfix('a queue with short IDs, restored', () => {
  testWays({ sourceLong: false, sourceDepth: 1 }, [
    { into: 'queues', long: false, depth: 1, delivers: true },
    { into: 'queues', long: true, depth: 0, delivers: true },
    { into: 'maildrop', long: false, depth: 2, delivers: true },
    { into: 'hold', long: false, depth: 0, delivers: true },
    { into: 'queues', long: false, depth: 2, delivers: false },
    { into: 'maildrop', long: true, depth: 1, delivers: false },
    { into: 'hold', long: true, depth: 2, delivers: false },
  ]);
});
