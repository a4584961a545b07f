import { describe, expect, it } from 'vitest';
import { queueObstacles } from '../../../src/backup/unreadable.ts';
import { Faults, faultyFileSystem } from '../../support/disk/faults.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';

const QUEUES = ['incoming', 'hold', 'corrupt'] as const;
const LOGS = ['/q/defer', '/q/bounce', '/q/trace'] as const;

function disk(...directories: readonly string[]): SimulatedFileSystem {
  const fs = new SimulatedFileSystem();
  for (const path of ['/q', ...directories]) {
    fs.mkdir(path, 0o700);
  }
  return fs;
}

describe('queueObstacles', () => {
  it('names a queue that is not there, and none that need not be', () => {
    const fs = disk('/q/incoming', '/q/defer', '/q/trace');
    expect(queueObstacles({ fs, queueDirectory: '/q', depths: new Map() }, QUEUES)).toEqual([
      { queue_name: 'hold', queue_id: '', reason: 'the queue directory has no such directory' },
      { queue_name: 'bounce', queue_id: '', reason: 'the queue directory has no such directory' },
    ]);
  });

  it('names a queue that can be listed but not entered', () => {
    const faults = new Faults().failWhen(
      ({ name, paths }) => name === 'lstat' && paths.includes('/q/hold/.'),
      'EACCES',
    );
    const fs = faultyFileSystem(disk('/q/incoming', '/q/hold', ...LOGS), faults);
    expect(queueObstacles({ fs, queueDirectory: '/q', depths: new Map() }, QUEUES)).toEqual([
      { queue_name: 'hold', queue_id: '', reason: "the directory can't be entered: Permission denied (EACCES)" },
    ]);
  });
});

describe('a queue directory that Postfix never started on', () => {
  const lacking = ['/q/incoming', '/q/defer', '/q/bounce', '/q/pid'];
  const found = (fs: SimulatedFileSystem) => queueObstacles({ fs, queueDirectory: '/q', depths: new Map() }, QUEUES);

  it('may lack what only postfix-script makes', () => {
    expect(found(disk(...lacking))).toEqual([]);
  });

  it('may lack nothing else, and nothing once master(8) has run', () => {
    expect(found(disk('/q/incoming', '/q/defer', '/q/pid')).map((one) => one.queue_name)).toEqual(['bounce']);
    const used = disk(...lacking, '/q/pid/master.pid');
    expect(found(used).map((one) => one.queue_name)).toEqual(['hold', 'trace']);
    const copied = disk('/q/incoming', '/q/defer', '/q/bounce');
    expect(found(copied).map((one) => one.queue_name)).toEqual(['hold', 'trace']);
  });
});
