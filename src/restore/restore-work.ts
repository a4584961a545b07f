/** What a restore does in the queue, with the rights of its owner. */

import { compileSelection } from '../plan/selection.ts';
import { systemAccounts } from '../postfix/accounts.ts';
import type { PostfixConfiguration } from '../postfix/configuration.ts';
import type { OwnerSurroundings, OwnerWork } from '../rights/owner-work.ts';
import { hasMembers } from '../rights/told.ts';
import type { MessageMapping, RestoreOptions, RestoreOutset, RestoreReport } from './options.ts';
import { rehearse } from './rehearsal.ts';
import { restoreAll } from './restore-all.ts';
import { openSource } from './restored-archive.ts';
import { type RestoreSession, systemEnvironment, warn } from './session.ts';
import { openStagePool } from './stage-pool.ts';

/** Plain data. */
export interface RestoreSetup {
  readonly options: Omit<RestoreOptions, 'onMapping' | 'onPlan'>;
  readonly configuration: PostfixConfiguration;
  /** For messages. */
  readonly archiveName: string;
  /** When the restore was asked for, in seconds since the epoch: ages are counted from it. */
  readonly now: number;
  /** Whether Postfix works on the queue; undefined where it can't be told. */
  readonly running: boolean | undefined;
}

/** What is told on the way: what is known before anything is done, once, and what became of each message. */
export type RestoreRow = { readonly mapping: MessageMapping } | { readonly outset: RestoreOutset };

/** Its files are the archive, and two empty ones where it is to be salvaged. */
export const restoreWork: OwnerWork<RestoreSetup, RestoreReport, RestoreRow> = {
  name: 'restore',
  task: 'place',
  run: restoreHere,
  isReport: (value): value is RestoreReport =>
    hasMembers(value, {
      snapshot_id: 'string',
      into: 'string',
      dry_run: 'boolean',
      restored: 'number',
      already_present: 'number',
      already_restored: 'number',
      left: 'number',
      not_selected: 'number',
      damaged: 'number',
      failed: 'number',
      unaccounted_bytes: 'number',
      warnings: 'array',
      archive: 'object',
      target: 'object',
      findings: 'array',
    }),
  isRow: (value): value is RestoreRow =>
    hasMembers(value, { mapping: 'object' }) || hasMembers(value, { outset: 'object' }),
};

async function restoreHere(
  { options, configuration, archiveName, now, running }: RestoreSetup,
  { fs, control, files, tell, makeStateDirectory, submissions, threads }: OwnerSurroundings<RestoreRow>,
): Promise<RestoreReport> {
  const { parameters } = configuration;
  const selection = await compileSelection(options.selection ?? {}, now);
  const source = await openSource(fs, { files, archiveName, salvage: options.salvage === true });
  const { archive, lost, unaccountedBytes, warnings } = source;
  const pool = await openStagePool(archive, {
    workers: options.workers,
    signal: control.signal,
    threads,
    limits: {
      lineLengthLimit: Number(parameters.line_length_limit),
      attributeCountLimit: Number(parameters.queue_file_attribute_count_limit),
    },
  });
  const session: RestoreSession = {
    fs,
    archive,
    lost,
    unaccountedBytes,
    options: {
      ...options,
      onMapping: (mapping) => tell({ mapping }),
      onPlan: (outset) => tell({ outset }),
    },
    selection,
    control,
    configuration,
    accounts: systemAccounts(),
    ...systemEnvironment(),
    ...(submissions === undefined ? {} : { submissions }),
    ...(running === undefined ? {} : { running }),
    warnings: [],
  };
  for (const warning of [...configuration.warnings, ...warnings]) {
    warn(session, warning);
  }
  try {
    if (options.dryRun === true) {
      return await rehearse(session, pool);
    }
    makeStateDirectory();
    return await restoreAll(session, pool);
  } finally {
    await pool.close();
  }
}
