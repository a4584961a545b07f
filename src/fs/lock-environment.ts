/** What a lock asks of the system: the time, the processes, and chance. */

import { SYSTEM_CLOCK_AND_CHANCE } from '../clock-and-chance.ts';
import { identifyProcess, type Liveness, livenessOf, type ProcessIdentity } from './process-identity.ts';
import { sleepSync } from './sleep.ts';

/** The clock, the process table and chance, as a lock needs them. */
export interface LockEnvironment {
  readonly self: ProcessIdentity;
  liveness(process: ProcessIdentity): Liveness;
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(milliseconds: number): void;
  /** 32 hexadecimal digits, others at each call. */
  nonce(): string;
}

/** Those of this process and this host. */
export function systemLockEnvironment(): LockEnvironment {
  const self = identifyProcess();
  return {
    self,
    liveness: (process) => livenessOf(process, self),
    now: () => SYSTEM_CLOCK_AND_CHANCE.now().getTime(),
    sleep: sleepSync,
    nonce: () => SYSTEM_CLOCK_AND_CHANCE.randomHex(16),
  };
}
