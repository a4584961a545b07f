/** Root's rights, one by one (capabilities(7)): in a container root may lack some. */

import { readProcFile } from './proc-file.ts';

/** By the number of its bit. */
const CAPABILITIES = {
  CAP_CHOWN: 0,
  CAP_DAC_OVERRIDE: 1,
  CAP_DAC_READ_SEARCH: 2,
  CAP_FOWNER: 3,
  CAP_SETGID: 6,
  CAP_SETUID: 7,
} as const;

export type Capability = keyof typeof CAPABILITIES;

/** Those of root's rights that this process is known to lack; none where the system does not tell. */
export function missingCapabilities(
  wanted: readonly Capability[],
  status: string | undefined = readProcFile('/proc/self/status'),
): Capability[] {
  const effective = /^CapEff:\s*([0-9a-f]+)$/mu.exec(status ?? '')?.[1];
  if (effective === undefined) {
    return [];
  }
  const bits = BigInt(`0x${effective}`);
  return wanted.filter((name) => ((bits >> BigInt(CAPABILITIES[name])) & 1n) === 0n);
}

/** Whoever has one of them reads what is another's. */
const READING: readonly Capability[] = ['CAP_DAC_OVERRIDE', 'CAP_DAC_READ_SEARCH'];

/** The next step of somebody who may not make a file in a directory: root may lack the right. */
export function stepToWrite(isRoot: boolean = process.geteuid?.() === 0): string {
  return isRoot && missingCapabilities(['CAP_DAC_OVERRIDE']).length > 0
    ? "Root lacks CAP_DAC_OVERRIDE here, the right to write what is another user's: give it that capability, or name a directory that is root's."
    : 'Name a directory that exists and that you may write to.';
}

/** The next step of somebody who may not read a file: root may lack the right. */
export function stepToRead(isRoot: boolean = process.geteuid?.() === 0): string {
  return isRoot && missingCapabilities(READING).length === READING.length
    ? "Root lacks CAP_DAC_READ_SEARCH here, the right to read what is another user's: give it that capability."
    : 'Run this as root.';
}
