import { isAbsolute } from 'node:path';
import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { EXIT_STATUS_HELP } from '../process/exit-status.ts';

/** What every command understands. */
export type CommonOptions = {
  readonly configDir?: string;
  readonly queueDirectory?: string;
  readonly option: Record<string, string>;
  readonly json?: true;
  readonly quiet?: true;
  readonly verbose: number | true;
  readonly progress: boolean;
};

/** A command with the options of all commands; its own are added to it. */
export function commandWithCommonOptions(name: string): Command<[], CommonOptions> {
  return new Command(name)
    .option('-c, --config-dir <dir>', 'Postfix configuration directory (default: $MAIL_CONFIG)', absolutePath)
    .option('--queue-directory <dir>', "the queue directory, instead of the configuration's")
    .option('-o, --option <name=value>', 'override one Postfix parameter; repeatable', addOverride, noOverrides())
    .option('-j, --json', 'the result as JSON on stdout')
    .option('-q, --quiet', 'nothing on stderr but warnings and errors')
    .option('-v, --verbose', 'more; repeatable', countUp, 0)
    .option('--no-progress', 'no progress bar')
    .addHelpText('after', `\n${EXIT_STATUS_HELP}`);
}

/** Whether `-v` was given. */
export function isVerbose(options: CommonOptions): boolean {
  return Number(options.verbose) > 0;
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
    overrides: options.option,
  };
}

// postsuper(1): "-c requires absolute pathname".
function absolutePath(text: string): string {
  if (!isAbsolute(text)) {
    throw new InvalidArgumentError('It must be an absolute path.');
  }
  return text;
}

// A parameter may be called anything, `__proto__` too.
function noOverrides(): Record<string, string> {
  return Object.create(null);
}

function addOverride(text: string, before: Record<string, string>): Record<string, string> {
  const [, name, value] = /^([^\s=]+)\s*=\s*(.*)$/su.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError('It must have the form NAME=VALUE.');
  }
  return Object.assign(noOverrides(), before, { [name]: value });
}

function countUp(_: string, before: number): number {
  return before + 1;
}
