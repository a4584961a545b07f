/** The configuration of a Postfix instance, read with one call of postconf(1). */

import { isAbsolute, resolve } from 'node:path';
import { OperatorError } from '../errors.ts';
import { closedDirectory } from '../fs/closed-directory.ts';
import { runCommand } from '../fs/command.ts';
import { errnoText } from '../fs/errno-text.ts';
import type { FileSystem } from '../fs/file-system.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { O_DIRECTORY, O_NONBLOCK, O_RDONLY } from '../fs/open-flags.ts';
import { errnoOf, systemError } from '../fs/system-error.ts';
import { MAXIMUM_HASH_DEPTH } from '../queue/hash-directory.ts';
import { parseLayout, type QueueLayout } from '../queue/layout.ts';
import { BUILT_IN_PARAMETERS, PARAMETER_NAMES, type Parameters, parsePostconf, withDefaults } from './parameters.ts';
import { lookAtQueue } from './queue-look.ts';
import { parseTimeValue } from './time-value.ts';
import { refuseUnknownParameters } from './unknown-parameter.ts';

export interface PostfixConfiguration {
  /** Absolute. */
  readonly queueDirectory: string;
  /** Where main.cf is; undefined where no Postfix is installed. */
  readonly configDirectory: string | undefined;
  readonly mailOwner: string;
  readonly setgidGroup: string;
  readonly layout: QueueLayout;
  readonly enableLongQueueIds: boolean;
  /** Empty where no Postfix is installed. */
  readonly myhostname: string;
  /** Empty where no Postfix is installed. */
  readonly mailVersion: string;
  readonly minimalBackoffSeconds: number;
  /** All that was read, expanded, by Postfix's names. */
  readonly parameters: Parameters;
  /** What could not be read, and what was taken instead. */
  readonly warnings: readonly string[];
}

export interface ConfigurationOptions {
  /** Absolute; else Postfix's own default. */
  readonly configDirectory?: string | undefined;
  /** Instead of the configuration's. */
  readonly queueDirectory?: string | undefined;
  /** Parameters that override those of main.cf, as `postconf -o`; values may use `$name`. */
  readonly overrides?: Readonly<Record<string, string>> | undefined;
}

export interface ConfigurationAccess {
  readonly fs: FileSystem;
  readonly run: typeof runCommand;
}

const SYSTEM: ConfigurationAccess = { fs: nodeFileSystem, run: runCommand };

/**
 * Reads what the installation says, by one call of postconf(1). With a queue directory given and no Postfix installed (a
 * rescue system) Postfix's built-in defaults hold.
 *
 * @throws OperatorError `usage`; `unavailable`: there is no postconf; `configuration`: postconf refuses; `not-found`:
 *   there is no queue directory
 */
export function readConfiguration(
  options: ConfigurationOptions,
  access: ConfigurationAccess = SYSTEM,
): PostfixConfiguration {
  checkOptions(options);
  refuseUnknownParameters(options, access.run);
  const values = readWithPostconf(options, access) ?? readWithoutPostfix(options);
  const queueDirectory = resolve(options.queueDirectory ?? values.parameters.queue_directory);
  checkDirectory(queueDirectory, access.fs);
  return interpret({ ...values, parameters: { ...values.parameters, queue_directory: queueDirectory } }, (name) =>
    mendedValue(name, options, access),
  );
}

interface ParameterValues {
  readonly parameters: Parameters;
  readonly configDirectory: string | undefined;
  readonly warnings?: readonly string[];
}

function checkOptions({ configDirectory, queueDirectory, overrides }: ConfigurationOptions): void {
  // postsuper.c and its family: "-c requires absolute pathname".
  if (configDirectory !== undefined && !isAbsolute(configDirectory)) {
    throw new OperatorError('usage', `the configuration directory ${configDirectory} is no absolute path`, {
      path: configDirectory,
      nextStep: 'Name it from the root on, as with postconf -c.',
    });
  }
  if (queueDirectory === '') {
    throw new OperatorError('usage', 'the name of the queue directory is empty');
  }
  const bad = Object.keys(overrides ?? {}).find((name) => !/^[A-Za-z0-9_]+$/u.test(name));
  if (bad !== undefined) {
    throw new OperatorError('usage', `${JSON.stringify(bad)} is no name of a Postfix parameter`);
  }
}

// -x, and -o with it: Postfix 2.10. A parameter that this Postfix does not have only earns a warning.
function readWithPostconf(options: ConfigurationOptions, access: ConfigurationAccess): ParameterValues | undefined {
  const where = options.configDirectory === undefined ? [] : ['-c', options.configDirectory];
  const overrides = Object.entries(options.overrides ?? {}).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const outcome = access.run('postconf', [...where, '-x', ...overrides, ...PARAMETER_NAMES]);
  if (outcome === undefined) {
    return undefined;
  }
  const values = parsePostconf(outcome.stdout);
  const directory = values.get('queue_directory');
  if (outcome.status !== 0 || directory === undefined || directory === '') {
    if (options.queueDirectory !== undefined) {
      return readBroken({ ...options, queueDirectory: options.queueDirectory }, fatalLines(outcome.stderr), access);
    }
    throw new OperatorError('configuration', `postconf can't read the configuration: ${fatalLines(outcome.stderr)}`, {
      remedy: 'mend-configuration',
      ...(options.configDirectory === undefined ? {} : { path: options.configDirectory }),
    });
  }
  const parameters = withDefaults(values);
  return { parameters, configDirectory: options.configDirectory ?? parameters.config_directory };
}

/**
 * The configuration is broken, or there is none, and the queue is to be saved all the same: what this Postfix has built in,
 * what the queue looks like, and what the caller says, serve instead, the later before the former.
 */
function readBroken(
  options: ConfigurationOptions & { readonly queueDirectory: string },
  fault: string,
  { run, fs }: ConfigurationAccess,
): ParameterValues {
  const builtIn = parsePostconf(run('postconf', ['-d', ...PARAMETER_NAMES])?.stdout ?? '');
  const expanded = [...builtIn].filter(([, value]) => !value.includes('$'));
  const overrides = writtenOut(options.overrides, "the configuration can't be read");
  const look = lookAtQueue(fs, resolve(options.queueDirectory));
  const warning = `postconf can't read the configuration: ${fault}. The queue is taken for what it looks like, and Postfix's defaults hold.`;
  return {
    parameters: withDefaults(new Map([...expanded, ...look, ...overrides])),
    configDirectory: undefined,
    warnings: [warning],
  };
}

function writtenOut(overrides: ConfigurationOptions['overrides'], because: string): Map<string, string> {
  const values = Object.entries(overrides ?? {});
  for (const [name, value] of values) {
    if (value.includes('$')) {
      throw new OperatorError('usage', `${name}=${value} can't be expanded: ${because}`, {
        nextStep: 'Write the value out.',
      });
    }
  }
  return new Map(values);
}

function fatalLines(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line !== '');
  const fatal = lines.filter((line) => !line.includes(': warning: '));
  return (fatal.length > 0 ? fatal : lines).join('; ');
}

function readWithoutPostfix(options: ConfigurationOptions): ParameterValues {
  if (options.queueDirectory === undefined || options.configDirectory !== undefined) {
    throw new OperatorError('unavailable', 'postconf is not installed, so the configuration of Postfix is not known', {
      remedy: 'name-queue',
    });
  }
  const overrides = writtenOut(options.overrides, 'postconf is not installed');
  return { parameters: withDefaults(overrides), configDirectory: undefined };
}

function checkDirectory(path: string, fs: FileSystem): void {
  try {
    // The queue directory itself may be a link to another disk, as Postfix allows.
    fs.close(fs.open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK));
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') {
      throw new OperatorError('not-found', `there is no queue directory ${path}: ${errnoText(errno)}`, {
        path,
        remedy: 'name-other-queue',
        cause: error,
      });
    }
    if (errno === 'EACCES') {
      const closed = closedDirectory(fs, path);
      const why = closed === undefined ? errnoText(errno) : `${closed} is closed to this user`;
      throw new OperatorError('not-permitted', `can't read the queue directory ${path}: ${why}`, {
        path,
        nextStep: 'Run this as root.',
        cause: error,
      });
    }
    throw systemError(error, { action: "can't open the queue directory", path });
  }
}

/** What serves instead of a value that makes no sense, where the queue is named and not the value. */
function mendedValue(
  name: MendedName,
  { queueDirectory, overrides }: ConfigurationOptions,
  { fs }: ConfigurationAccess,
): string | undefined {
  if (queueDirectory === undefined || overrides?.[name] !== undefined) {
    return undefined;
  }
  const look: ReadonlyMap<string, string> = lookAtQueue(fs, resolve(queueDirectory));
  return look.get(name) ?? BUILT_IN_PARAMETERS[name];
}

/** @param mend what serves instead of a value that makes no sense; undefined: it is refused */
function interpret(
  { parameters: read, configDirectory, warnings: before = [] }: ParameterValues,
  mend: (name: MendedName) => string | undefined,
): PostfixConfiguration {
  const warnings = [...before];
  const parameters = { ...read };
  const demand = <Value>(name: MendedName, parse: (text: string) => Value | undefined): Value => {
    const value = parse(parameters[name]);
    if (value !== undefined) {
      return value;
    }
    const instead = mend(name);
    const mended = instead === undefined ? undefined : parse(instead);
    if (instead === undefined || mended === undefined) {
      throw senseless(name, parameters[name]);
    }
    warnings.push(`the parameter ${name} has a value that makes no sense: ${parameters[name]}; taken for ${instead}`);
    parameters[name] = instead;
    return mended;
  };
  const depth = demand('hash_queue_depth', parseDepth);
  return {
    queueDirectory: parameters.queue_directory,
    configDirectory,
    mailOwner: parameters.mail_owner,
    setgidGroup: parameters.setgid_group,
    layout: parseLayout(parameters.hash_queue_names, depth),
    enableLongQueueIds: demand('enable_long_queue_ids', parseBoolean),
    myhostname: parameters.myhostname,
    mailVersion: parameters.mail_version,
    minimalBackoffSeconds: demand('minimal_backoff_time', (text) => parseTimeValue(text, 's')),
    parameters,
    warnings,
  };
}

type MendedName = 'hash_queue_depth' | 'enable_long_queue_ids' | 'minimal_backoff_time';

function senseless(name: string, value: string): OperatorError {
  return new OperatorError('configuration', `the parameter ${name} has a value that makes no sense: ${value}`, {
    nextStep: 'Mend main.cf, or override the parameter with -o.',
  });
}

// mail_params.c: hash_queue_depth is at least 1.
function parseDepth(text: string): number | undefined {
  const depth = /^\d{1,3}$/u.test(text) ? Number(text) : 0;
  return depth >= 1 && depth <= MAXIMUM_HASH_DEPTH ? depth : undefined;
}

// mail_conf_bool.c: any case.
function parseBoolean(text: string): boolean | undefined {
  return ({ yes: true, no: false } as Readonly<Record<string, boolean>>)[text.toLowerCase()];
}
