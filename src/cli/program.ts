/** The commands of the program, and the way from its arguments to an exit status. */

import { Command, CommanderError } from '@commander-js/extra-typings';
import { OperatorError } from '../errors.ts';
import { nodeFileSystem } from '../fs/node-file-system.ts';
import { listInstances } from '../postfix/instances.ts';
import { backupCommand } from './commands/backup.ts';
import { catCommand } from './commands/cat.ts';
import { checkCommand } from './commands/check.ts';
import { checkConfigCommand } from './commands/check-config.ts';
import { diffCommand } from './commands/diff.ts';
import { drillCommand } from './commands/drill.ts';
import { importCommand } from './commands/import.ts';
import { infoCommand } from './commands/info.ts';
import { listCommand } from './commands/list.ts';
import { pinCommand } from './commands/pin.ts';
import { pruneCommand } from './commands/prune.ts';
import { releaseCommand } from './commands/release.ts';
import { repairCommand } from './commands/repair.ts';
import { reportCommand } from './commands/report.ts';
import { restoreCommand } from './commands/restore.ts';
import { snapshotsCommand } from './commands/snapshots.ts';
import { statusCommand } from './commands/status.ts';
import { unpinCommand } from './commands/unpin.ts';
import { verifyCommand } from './commands/verify.ts';
import { applySettings } from './configuration/apply-settings.ts';
import { type CommonOptions, takeLeading, withCommonOptions } from './options/common-options.ts';
import { fatalText, severityLine } from './output/stderr-line.ts';
import { endServices, type Runner, runSession } from './process/command-run.ts';
import { asksForEveryInstance, runForEach } from './process/every-instance.ts';
import { exitStatusOf, USAGE } from './process/exit-status.ts';
import { Services } from './process/services.ts';
import type { Terminal } from './process/terminal.ts';

const COMMANDS = [
  backupCommand,
  restoreCommand,
  statusCommand,
  repairCommand,
  releaseCommand,
  listCommand,
  infoCommand,
  reportCommand,
  diffCommand,
  catCommand,
  verifyCommand,
  importCommand,
  snapshotsCommand,
  pruneCommand,
  pinCommand,
  unpinCommand,
  checkCommand,
  drillCommand,
  checkConfigCommand,
] as const;

/** What Node.js makes of bytes that are not UTF-8: the argument that was meant can't be had, and another file would be used. */
const REPLACEMENT = '\uFFFD';

/**
 * The command line: reads the arguments, runs the command, and returns the exit status. It never throws and never ends
 * the process.
 *
 * @param argv the arguments alone, without interpreter and script.
 */
export async function runProgram(argv: readonly string[], terminal: Terminal, version: string): Promise<number> {
  const fault = argumentFault(argv);
  if (fault !== undefined) {
    terminal.writeError(severityLine('fatal', fault));
    return USAGE;
  }
  if (asksForEveryInstance(argv)) {
    return runForEveryInstance(argv, terminal, version);
  }
  let status = 0;
  const run: Runner = async (options, work, logged) => {
    status = await runSession({ ...terminal, argv }, options, work, logged);
  };
  try {
    await postsnapProgram(run, terminal, version).parseAsync(argv, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) {
      return usageStatus(error, terminal);
    }
    terminal.writeError(fatalText(error));
    return exitStatusOf(error);
  }
}

async function runForEveryInstance(argv: readonly string[], terminal: Terminal, version: string): Promise<number> {
  try {
    const services = new Services();
    const status = await runForEach(argv, listInstances(), (one) => runOne(one, { ...terminal, services }, version));
    await endServices(services, terminal);
    return status;
  } catch (error) {
    terminal.writeError(fatalText(error));
    return exitStatusOf(error);
  }
}

/** One of several runs. One that fails before its settings are known has nobody else who tells of it. */
async function runOne(
  argv: readonly string[],
  terminal: Terminal & { readonly services: Services },
  version: string,
): Promise<number> {
  const { services } = terminal;
  const before = services.count;
  const said: string[] = [];
  const writeError = (text: string): void => {
    said.push(text);
    terminal.writeError(text);
  };
  const status = await runProgram(argv, { ...terminal, writeError }, version);
  if (services.count === before) {
    services.noteEarly({ status, said: said.join('') });
  }
  return status;
}

/** What is wrong with the arguments, whatever the command. */
function argumentFault(argv: readonly string[]): string | undefined {
  const unreadable = argv.find((argument) => argument.includes(REPLACEMENT));
  if (unreadable !== undefined) {
    return `the argument ${unreadable} is not UTF-8: use another name`;
  }
  return argv.includes('') ? 'an argument is empty: was a variable not set?' : undefined;
}

function postsnapProgram(run: Runner, terminal: Terminal, version: string): Command<[], CommonOptions> {
  const program = withCommonOptions(new Command('postsnap'))
    .enablePositionalOptions()
    .description('Back up a Postfix mail queue into one portable file, and restore it into a queue that holds mail.')
    .version(version, '-V, --version')
    .helpOption('-h, --help', 'show help')
    .configureOutput({
      writeOut: (text) => terminal.output.write(text),
      writeErr: terminal.writeError,
      outputError: (text, write) => write(usageText(text, 'postsnap')),
    })
    .exitOverride()
    .helpCommand(false)
    .hook('preAction', takeLeading)
    .hook('preAction', (_, command) =>
      applySettings(command, {
        environment: terminal.environment,
        fs: nodeFileSystem,
        warn: (text) => terminal.writeError(severityLine('warning', text)),
      }),
    )
    .addHelpText('after', '\npostsnap COMMAND --help tells about one command.');
  for (const make of COMMANDS) {
    const command = make(run);
    command.copyInheritedSettings(program);
    command.configureOutput({ outputError: (text, write) => write(usageText(text, `postsnap ${command.name()}`)) });
    program.addCommand(command);
  }
  program.addCommand(helpCommand(program));
  return program;
}

/**
 * The program as it describes itself, for man pages and completions. It is not for running.
 *
 * @public
 */
export function describedProgram(terminal: Terminal, version: string): Command<[], CommonOptions> {
  return postsnapProgram(async () => undefined, terminal, version);
}

/** `postsnap help`, `postsnap help COMMAND`. */
function helpCommand(program: Command<[], CommonOptions>): Command<[string | undefined]> {
  return new Command('help')
    .copyInheritedSettings(program)
    .description('show help for a command')
    .argument('[command]', 'its name')
    .helpOption(false)
    .action((name) => {
      const command = name === undefined ? program : program.commands.find((each) => each.name() === name);
      if (command === undefined) {
        throw new OperatorError('usage', `unknown command '${name}'`, { nextStep: 'Try: postsnap --help' });
      }
      command.help();
    });
}

/** Commander writes `error: ...`, in one or more lines; the last of them may suggest a name. */
function usageText(text: string, command: string): string {
  const lines = text
    .trim()
    .replace(/^error: /u, '')
    .split('\n');
  return severityLine('fatal', `${lines.join(' ').replace(/\.$/u, '')}. Try: ${command} --help`);
}

/** Help that was asked for is a result; a missing command or anything wrong with the arguments is a usage error. */
function usageStatus(error: CommanderError, terminal: Terminal): number {
  if (error.exitCode !== 0) {
    return USAGE;
  }
  try {
    terminal.output.flush();
    return 0;
  } catch (failure) {
    return exitStatusOf(failure);
  }
}
