/** What a repair is asked, and what it tells. */

import type { ConfigurationOptions } from '../postfix/configuration.ts';
import type { Finding, RepairPart } from './finding.ts';

export interface RepairOptions extends ConfigurationOptions {
  /** Only tells what is wrong. */
  readonly dryRun?: boolean;
  /** Only these parts; absent: all of them. */
  readonly only?: readonly RepairPart[];
  /** Whether logs that are no message's are removed. */
  readonly removeOrphans?: boolean;
  /** Told of each finding, in no order. */
  readonly onFinding?: (outcome: RepairOutcome) => void;
}

/** A finding, and what became of it. */
export interface RepairOutcome {
  readonly finding: Finding;
  readonly done: boolean;
  /** Why not, where something was tried. */
  readonly failure?: string;
}

export interface RepairReport {
  readonly queue_directory: string;
  /** Files and directories that were looked at. */
  readonly checked: number;
  readonly repaired: number;
  /** What is wrong still. Logs without a message are told, and count as nothing wrong. */
  readonly unrepaired: number;
  /** The file that says of what was moved to corrupt from where it came, and why; null where nothing was moved there. */
  readonly notes: string | null;
  readonly dry_run: boolean;
  /** Messages of a repair that was cut off before, which this one has finished. */
  readonly finished: number;
}
