/** The options that all commands have. They may stand before the command, too. */

import { resolve } from 'node:path';
import { Command, type CommandUnknownOpts, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { OperatorError } from '../../errors.ts';
import { EXIT_STATUS_HELP } from '../process/exit-status.ts';
import { parseSeconds } from './amount.ts';

/** What every command understands. */
export type CommonOptions = {
  readonly configuration?: string;
  readonly configDir?: string;
  readonly postfixInstance?: string;
  readonly queueDirectory?: string;
  readonly option?: Readonly<Record<string, string>> | undefined;
  readonly json?: true;
  readonly quiet?: true;
  readonly verbose: number | true;
  readonly progress: boolean;
  readonly nice?: true;
  /** Of the commands that may have to wait for another run: seconds. */
  readonly wait?: number;
  /** Of the commands that a timer runs: who is told how it went. */
  readonly ping?: URL;
};

/** The options that name a Postfix installation, by the names of their values. */
const INSTALLATION = [
  { value: 'configDir', flag: '--config-dir' },
  { value: 'postfixInstance', flag: '--postfix-instance' },
  { value: 'queueDirectory', flag: '--queue-directory' },
  { value: 'option', flag: '--option' },
] as const;
type InstallationOption = (typeof INSTALLATION)[number]['value'];

/** What is given before the command and behind it holds together. */
const ADDS_UP: ReadonlySet<string> = new Set(['verbose', 'option'] satisfies (keyof CommonOptions)[]);

/** More there is not to tell. */
const MOST_VERBOSE = 2;

/** A command that works on a queue, with the options of all commands; its own are added to it. */
export function commandWithCommonOptions(name: string, statusHelp = EXIT_STATUS_HELP): Command<[], CommonOptions> {
  return withCommonOptions(new Command(name)).addHelpText('after', `\n${statusHelp}`);
}

/**
 * A command that works on no queue. The options that name one are parsed as everywhere, so that it can say why it refuses
 * them.
 *
 * @param used those of them that mean something to this command all the same
 * @param statusHelp what its exit statuses mean, where they are others than those of all commands
 */
export function commandWithoutQueue(
  name: string,
  used: readonly InstallationOption[] = [],
  statusHelp?: string,
): Command<[], CommonOptions> {
  const command = commandWithCommonOptions(name, statusHelp);
  const refused = INSTALLATION.filter(({ value }) => !used.includes(value));
  for (const option of command.options) {
    option.hideHelp(refused.some(({ flag }) => flag === option.long));
  }
  return command.hook('preAction', () => {
    const unused = givenInstallation(command.opts(), refused);
    if (unused !== undefined) {
      throw new OperatorError('usage', `${unused} means nothing here: ${name} works on no queue`);
    }
  });
}

/** The first option given that names an installation. */
export function givenInstallation(
  given: CommonOptions,
  among: readonly (typeof INSTALLATION)[number][] = INSTALLATION,
): string | undefined {
  return among.find(({ value }) => given[value] !== undefined)?.flag;
}

/** Gives a command the options that all commands have. */
export function withCommonOptions(command: Command): Command<[], CommonOptions> {
  return command
    .option('--configuration <file>', 'settings for all commands (default: /etc/postsnap/postsnap.toml)')
    .addOption(
      new Option(
        '-c, --config-dir <dir>',
        'Postfix configuration directory (default: $MAIL_CONFIG, else the one that postconf has built in)',
      ).argParser((text: string) => resolve(text)),
    )
    .option('-i, --postfix-instance <name>', 'the Postfix instance, as postmulti -l lists it; - is the primary one')
    .option('--queue-directory <dir>', "the queue directory, instead of the configuration's")
    .option('-o, --option <name=value>', 'override one Postfix parameter, as postconf -o; repeatable', addOverride)
    .option('-j, --json', 'the result as JSON on stdout')
    .option('-q, --quiet', 'nothing but warnings and errors; with -j the JSON, too')
    .option('-v, --verbose', 'tell what is done and how long it takes; -vv: also how far it is', countUp, 0)
    .option('--no-progress', 'no progress bar')
    .option('--nice', 'leave processor and disk to others');
}

/** `--wait`, for the commands that only one may run at a time. */
export function waitOption(): Option {
  return new Option('--wait <time>', 'where another run is at work, wait for it so long: 90s, 10m, 1h').argParser(
    parseSeconds,
  );
}

/** Takes over what stood before the command. What stands behind it goes first; what can be given again adds up. */
export function takeLeading(leading: CommandUnknownOpts, command: CommandUnknownOpts): void {
  const before = leading.opts() as CommonOptions;
  const behind = command.opts() as Partial<CommonOptions>;
  const sums = {
    ...before,
    verbose: Math.min(MOST_VERBOSE, Number(before.verbose) + Number(behind.verbose)),
    option: joined(before.option, behind.option),
  };
  for (const [name, value] of Object.entries(sums).filter(([each]) => isGiven(leading, each))) {
    if (!command.options.some((option) => option.attributeName() === name)) {
      throw new OperatorError('usage', `${command.name()} takes no options`);
    }
    if (ADDS_UP.has(name) || !isGiven(command, name)) {
      command.setOptionValueWithSource(name, value, 'cli');
    }
  }
  refuseContradiction(command.opts() as CommonOptions);
}

function isGiven(command: CommandUnknownOpts, name: string): boolean {
  return command.getOptionValueSource(name) === 'cli';
}

/** @throws OperatorError `usage`: nobody can have both */
function refuseContradiction({ quiet, verbose }: CommonOptions): void {
  if (quiet === true && Number(verbose) > 0) {
    throw new OperatorError('usage', '--quiet and --verbose contradict each other');
  }
}

/** How often `-v` was given. */
export function verbosity(options: Pick<CommonOptions, 'verbose'>): number {
  return Number(options.verbose);
}

/** Whether `-v` was given. */
export function isVerbose(options: CommonOptions): boolean {
  return verbosity(options) > 0;
}

/** The settings of the Postfix installation, as the library takes them. */
export interface InstallationOptions {
  readonly configDirectory?: string;
  readonly queueDirectory?: string;
  readonly overrides: Readonly<Record<string, string>>;
}

/**
 * @param mailConfig `$MAIL_CONFIG`, which stands in for `-c` as it does for Postfix's own commands (postmulti(1) sets it).
 */
export function installationOptions(options: CommonOptions, mailConfig: string | undefined): InstallationOptions {
  const configDirectory = options.configDir ?? (mailConfig === '' ? undefined : mailConfig);
  return {
    ...(configDirectory === undefined ? {} : { configDirectory }),
    ...(options.queueDirectory === undefined ? {} : { queueDirectory: options.queueDirectory }),
    overrides: options.option ?? {},
  };
}

/** The later goes before the earlier. A parameter may be called anything, `__proto__` too. */
function joined(...overrides: readonly (CommonOptions['option'] | undefined)[]): Record<string, string> {
  return Object.assign(Object.create(null), ...overrides);
}

function addOverride(text: string, before: CommonOptions['option']): CommonOptions['option'] {
  const [, name, value] = /^([^\s=]+)\s*=\s*(.*)$/su.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError('It must have the form NAME=VALUE.');
  }
  return Object.assign(joined(before), { [name]: value });
}

function countUp(_: string, before: number): number {
  if (before >= MOST_VERBOSE) {
    throw new InvalidArgumentError('More than -vv tells nothing more.');
  }
  return before + 1;
}
