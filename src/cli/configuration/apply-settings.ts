/** Gives a command the settings of the environment and of the configuration file, for options that were not given. */

import { type CommandUnknownOpts, InvalidArgumentError, type Option } from '@commander-js/extra-typings';
import { OperatorError } from '../../errors.ts';
import type { FileSystem } from '../../fs/file-system.ts';
import { instanceDirectory } from '../../postfix/instances.ts';
import {
  CONFIGURATION_PATH,
  CONFIGURATION_VARIABLE,
  type ConfigurationFile,
  readConfigurationFile,
  readUsualFile,
  usable,
} from './configuration-file.ts';
import type { Configuration } from './schema.ts';
import { OF_BACKUP_IN_FILE, SETTING_KEYS } from './setting-keys.ts';
import { PRIMARY_INSTANCE, type Setting, type SettingOrigins, Settings, variableOf } from './settings.ts';

/** The name of the command that looks over the configuration itself. */
export const CHECK_CONFIG = 'check-config';

export interface SettingsSurroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly fs: FileSystem;
  readonly warn: (text: string) => void;
}

/**
 * To be called when the command line was read and before the command does anything.
 *
 * @throws OperatorError `configuration`: a setting makes no sense; `usage`, `not-found`, `not-permitted`
 */
export async function applySettings(
  command: CommandUnknownOpts,
  { environment, fs, warn }: SettingsSurroundings,
): Promise<void> {
  // The help has no options.
  if (command.options.length === 0) {
    return;
  }
  const text = (name: string): string | undefined => textOf(command.getOptionValue(name));
  const named = text('configuration') ?? notEmpty(environment[CONFIGURATION_VARIABLE]);
  const isMeant = named !== undefined || command.name() === CHECK_CONFIG;
  const file = await (isMeant ? readConfigurationFile(fs, named) : readUsualFile(fs, warn));
  const instance = text('postfixInstance') ?? notEmpty(environment[variableOf('postfix-instance')]);
  refuseTwo(command, instance);
  refuseHalf(command);
  const queueNamedBy = namerOf(command, instance, environment);
  const settings = new Settings({
    environment,
    queueNamedBy,
    file: file?.path ?? CONFIGURATION_PATH,
    configuration: configurationOf(file, command),
    instance: instance ?? (queueNamedBy === undefined ? PRIMARY_INSTANCE : undefined),
    store: isGiven(command, 'store') ? text('store') : undefined,
  });
  for (const option of command.options) {
    applyOne(command, option, settings);
  }
  if (instance !== undefined && text('configDir') === undefined && hasOption(command, 'configDir')) {
    command.setOptionValueWithSource('configDir', instanceDirectory(instance), 'config');
  }
}

/** postmulti(1) sets MAIL_CONFIG for the command that it runs. */
function namerOf(
  command: CommandUnknownOpts,
  instance: string | undefined,
  environment: SettingsSurroundings['environment'],
): SettingOrigins['queueNamedBy'] {
  if (isGiven(command, 'configDir')) {
    return 'option';
  }
  if (instance !== undefined) {
    return 'instance';
  }
  return notEmpty(environment['MAIL_CONFIG']) === undefined ? undefined : 'MAIL_CONFIG';
}

/** The command that tells all that is wrong with the file goes on without it. */
function configurationOf(file: ConfigurationFile | undefined, command: CommandUnknownOpts): Configuration {
  if (file === undefined || command.name() === CHECK_CONFIG) {
    return file?.configuration ?? {};
  }
  return usable(file).configuration;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function notEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function hasOption(command: CommandUnknownOpts, name: string): boolean {
  return command.options.some((option) => option.attributeName() === name && !option.hidden);
}

/** postmulti(1) sets a directory for a name: who gives both means one of them. */
function refuseTwo(command: CommandUnknownOpts, instance: string | undefined): void {
  if (instance !== undefined && isGiven(command, 'postfixInstance') && isGiven(command, 'configDir')) {
    throw new OperatorError('usage', 'an instance and a configuration directory are named: it can be one of them only');
  }
}

/** All instances are as many command lines: this one names none of them. */
function refuseHalf(command: CommandUnknownOpts): void {
  if (command.getOptionValue('allInstances') === true) {
    throw new OperatorError('usage', 'all instances are meant', {
      nextStep: 'Write --all-instances behind the command, and nothing before it.',
    });
  }
}

function isGiven(command: CommandUnknownOpts, name: string): boolean {
  return command.getOptionValueSource(name) === 'cli';
}

/** The name of the option as a key of the file: without `--`, and without the `no-` of its opposite. */
function keyOf(option: Option): string {
  return (option.long ?? '').replace(/^--(?:no-)?/u, '');
}

const STORES_OWN = /^(?:store|keep-.*)$/u;
/** Of these commands: how an archive fares that is named says nothing of the nights. */
const OF_A_STORE_ALONE: ReadonlySet<string> = new Set(['drill', 'verify']);

function isStoresOwn(command: CommandUnknownOpts, key: string): boolean {
  return STORES_OWN.test(key) || (key === 'metrics-file' && OF_A_STORE_ALONE.has(command.name()));
}

function applyOne(command: CommandUnknownOpts, option: Option, settings: Settings): void {
  const key = keyOf(option);
  // What a command refuses it hides.
  if (option.negate || option.hidden || !SETTING_KEYS.includes(key)) {
    return;
  }
  // A store that is given may be one by name, which stands for its directory.
  const isStoreByName = key === 'store' && isGiven(command, 'store');
  if (!isStoreByName && isGivenInGroup(command, option)) {
    return;
  }
  const setting = isStoresOwn(command, key) && !needsStore(command) ? undefined : settings.find(key);
  if (setting !== undefined && !isForAnother(command, key, setting)) {
    command.setOptionValueWithSource(
      option.attributeName(),
      valueFor(option, setting),
      isStoreByName ? 'cli' : 'config',
    );
  }
}

function isForAnother(command: CommandUnknownOpts, key: string, { from }: Setting): boolean {
  return from === 'file' && OF_BACKUP_IN_FILE.has(key) && command.name() !== 'backup';
}

/** The rules of retention are one setting. */
function isGivenInGroup(command: CommandUnknownOpts, option: Option): boolean {
  const key = keyOf(option);
  return command.options
    .filter((other) => keyOf(other) === key || (key.startsWith('keep-') && keyOf(other).startsWith('keep-')))
    .some((other) => isGiven(command, other.attributeName()));
}

/** Where an archive is named, no store is meant, whatever is said elsewhere of one. */
function needsStore(command: CommandUnknownOpts): boolean {
  const takesArchive = command.registeredArguments.some((argument) => argument.name() === 'archive');
  return !takesArchive || isGiven(command, 'store') || isGiven(command, 'snapshot') || takesNoArchiveNow(command);
}

/** A backup without an archive goes into a store, and a drill takes the latest of one; others are told the snapshot. */
const STORE_ALONE: ReadonlySet<string> = new Set(['backup', 'drill']);

function takesNoArchiveNow(command: CommandUnknownOpts): boolean {
  return command.args.length === 0 && STORE_ALONE.has(command.name());
}

/** The value, as the option's own parser makes it of a text. */
function valueFor(option: Option, { value, origin }: Setting): unknown {
  const problem = (expected: string): OperatorError =>
    new OperatorError('configuration', `${origin}: ${keyOf(option)}: ${String(value)}: ${expected}`, {
      nextStep: `Mend the value, or give ${option.long ?? ''}.`,
    });
  if (option.isBoolean()) {
    return truth(value) ?? raise(problem('it must be yes or no.'));
  }
  try {
    return option.parseArg === undefined ? String(value) : option.parseArg(String(value), undefined);
  } catch (error) {
    if (error instanceof OperatorError) {
      // It says by itself what was expected, and of a secret no more.
      throw new OperatorError('configuration', `${origin}: ${error.message}`, { nextStep: error.nextStep ?? '' });
    }
    throw error instanceof InvalidArgumentError ? problem(error.message) : error;
  }
}

const TRUTHS: Readonly<Record<string, boolean>> = { yes: true, true: true, 1: true, no: false, false: false, 0: false };

function truth(value: Setting['value']): boolean | undefined {
  return TRUTHS[String(value).toLowerCase()];
}

function raise(error: Error): never {
  throw error;
}
