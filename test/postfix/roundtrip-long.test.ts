import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { testWays } from './roundtrip-suite.ts';

describeWithPostfix('a queue with long IDs, restored', () => {
  testWays({ sourceLong: true, sourceDepth: 2 }, [
    { into: 'queues', long: true, depth: 1, delivers: true },
    { into: 'queues', long: false, depth: 0, delivers: true },
    { into: 'hold', long: true, depth: 0, delivers: true },
    { into: 'maildrop', long: false, depth: 1, delivers: false },
    { into: 'hold', long: false, depth: 2, delivers: false },
  ]);
});
