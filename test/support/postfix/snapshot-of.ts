/** The operations as the tests with a real Postfix call them: in this thread, with all that they tell. */

import { expect } from 'vitest';
import { listingJsonLine } from '../../../src/cli/output/listing-json.ts';
import {
  backup,
  list,
  type MessageMapping,
  type RestoreOptions,
  type RestoreReport,
  restore,
} from '../../../src/index.ts';
import type { PostfixInstance, QueueListing } from './instance.ts';

/** What `list -j` tells of a message. */
export interface ArchivedListing extends QueueListing {
  readonly state: 'queued' | 'left';
  readonly fingerprint: string;
  readonly sha256: string;
}

export async function backUp(postfix: PostfixInstance, archive: string): Promise<void> {
  const report = await backup({ archive, configDirectory: postfix.configDirectory, workers: 0 });
  expect(report).toMatchObject({ left: 0, incomplete: 0, unreadable: [], settled: true, malformed: 0 });
}

export async function listed(archive: string): Promise<ArchivedListing[]> {
  const lines: string[] = [];
  await list({ archive, onMessage: (message) => lines.push(listingJsonLine(message)) });
  return lines.map((line): ArchivedListing => JSON.parse(line));
}

export interface Restored {
  readonly report: RestoreReport;
  readonly mappings: readonly MessageMapping[];
}

/** Restores, and checks that every message of the archive has one line in the map, and that the counts are those of the lines. */
export async function restoreInto(
  postfix: PostfixInstance,
  options: Omit<RestoreOptions, 'archive' | 'configDirectory' | 'onMapping'> & { readonly archive: string },
): Promise<Restored> {
  const mappings: MessageMapping[] = [];
  const report = await restore({
    workers: 0,
    ...options,
    configDirectory: postfix.configDirectory,
    onMapping: (mapping) => mappings.push(mapping),
  });
  const archived = await listed(options.archive);
  const names = (lines: readonly { queue_name: string; queue_id: string }[]): string[] =>
    lines.map(({ queue_name, queue_id }) => `${queue_name}/${queue_id}`).sort();
  expect(names(mappings)).toEqual(names(archived));
  for (const action of ACTIONS) {
    expect(report[action], action).toBe(mappings.filter((mapping) => mapping.action === action).length);
  }
  return { report, mappings };
}

const ACTIONS = [
  'restored',
  'already_present',
  'already_restored',
  'delivered_since',
  'left',
  'not_selected',
  'damaged',
  'failed',
] as const;
