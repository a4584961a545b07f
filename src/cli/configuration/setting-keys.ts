/**
 * The keys of postsnap.toml: the long names of options. They stand apart from the schema (whose keys they are:
 * test/unit/cli/configuration/settings.test.ts), so that no command has to load it that finds no file.
 */
export const SETTING_KEYS: readonly string[] = [
  'store',
  'keep-last',
  'keep-hourly',
  'keep-daily',
  'keep-weekly',
  'keep-monthly',
  'keep-yearly',
  'keep-within',
  'max-age',
  'warn-age',
  'verify',
  'level',
  'workers',
  'queues',
  'metrics-file',
  'config-dir',
  'queue-directory',
  'wait',
  'nice',
  'ping',
];

/** Keys whose values no message repeats. */
export const SECRET_KEYS: ReadonlySet<string> = new Set(['ping']);

/**
 * Keys that in the file are for a backup alone. A service that expects one job each night must not hear of another: a
 * pruning that went well would hide that no backup was taken.
 */
export const OF_BACKUP_IN_FILE: ReadonlySet<string> = new Set(['ping']);
