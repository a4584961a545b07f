import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { type CommandOptions, type CommandResult, run, runForBytes, runOrFail } from './command.ts';
import { defaultParameters, mainCf, masterCf } from './configuration.ts';
import { freePort } from './ports.ts';
import { groupIsAlive, signalQuietly } from './processes.ts';
import { listQueueFiles, type QueueFile } from './queue-files.ts';
import { type SmtpMessage, submitAll } from './smtp-client.ts';
import { type WaitOptions, waitFor } from './wait.ts';

/** An object of `postqueue -j`; see "JSON OBJECT FORMAT" in postqueue(1). */
export interface QueueListing {
  readonly queue_name: string;
  readonly queue_id: string;
  readonly arrival_time: number;
  readonly message_size: number;
  readonly forced_expire: boolean;
  readonly sender: string;
  readonly recipients: readonly { readonly address: string; readonly delay_reason?: string }[];
}

export interface InstanceOptions {
  /** main.cf parameters, over the defaults of the harness. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Names of master.cf services to leave out; without pickup, say, mail stays in maildrop. */
  readonly without?: readonly string[];
  /** Lines of master.cf for further services. */
  readonly services?: readonly string[];
  /** Where all mail goes; by default a port that nothing listens on, so that all mail is deferred. */
  readonly relayPort?: number;
}

interface InstanceState {
  readonly base: string;
  readonly smtpPort: number;
  readonly relayPort: number;
  readonly parameters: Map<string, string>;
  readonly without: Set<string>;
  readonly services: readonly string[];
}

/** master stops at once on SIGTERM; its children finish the request that they are at. */
const STOP_TIMEOUT_MS = 10_000;

/** A private Postfix: own configuration, queue, data directory, log and ports. Nothing leaves loopback. */
export class PostfixInstance {
  readonly #state: InstanceState;
  #masterPid: number | undefined;

  constructor(state: InstanceState) {
    this.#state = state;
    // A test run that dies must not leave mail systems behind.
    process.once('exit', this.#kill);
  }

  get configDirectory(): string {
    return join(this.#state.base, 'config');
  }

  get queueDirectory(): string {
    return join(this.#state.base, 'queue');
  }

  get dataDirectory(): string {
    return join(this.#state.base, 'data');
  }

  get logFile(): string {
    return join(this.#state.base, 'log', 'mail.log');
  }

  get smtpPort(): number {
    return this.#state.smtpPort;
  }

  get relayPort(): number {
    return this.#state.relayPort;
  }

  /** What main.cf sets. */
  get parameters(): ReadonlyMap<string, string> {
    return this.#state.parameters;
  }

  get isRunning(): boolean {
    return this.#masterPid !== undefined && groupIsAlive(this.#masterPid);
  }

  readonly #kill = (): void => {
    if (this.#masterPid !== undefined) {
      signalQuietly(-this.#masterPid, 'SIGKILL');
    }
  };

  writeConfiguration(): void {
    const mainFile = join(this.configDirectory, 'main.cf');
    writeFileSync(mainFile, mainCf(this.#state.parameters));
    // Commands read a file that just changed over and over, until it is two seconds old (dict.c, dict_load_file_xt).
    utimesSync(mainFile, new Date(), new Date(Date.now() - 10_000));
    writeFileSync(join(this.configDirectory, 'master.cf'), this.#masterCf());
  }

  #masterCf(): string {
    const { without, services } = this.#state;
    return masterCf({ smtpPort: this.smtpPort, without, also: services });
  }

  /** Returns when master accepts connections: postfix-script runs `master -w`. */
  async start(): Promise<void> {
    const result = await this.#command('postfix', ['start']);
    if (result.status !== 0) {
      throw new Error(`postfix start: status ${result.status}\n${result.stdout}${result.stderr}${this.log()}`);
    }
    this.adopt();
  }

  /** Takes charge of a master that somebody else has started for this instance. */
  adopt(): void {
    const pid = Number(readFileSync(join(this.queueDirectory, 'pid/master.pid'), 'utf8'));
    if (!Number.isInteger(pid) || pid <= 1) {
      throw new Error(`no process ID of master in ${this.queueDirectory}/pid/master.pid`);
    }
    this.#masterPid = pid;
  }

  /** Returns when master and all of its children are gone. */
  async stop(): Promise<void> {
    const pid = this.#masterPid;
    if (pid === undefined) {
      return;
    }
    signalQuietly(pid, 'SIGTERM');
    try {
      await waitFor(() => !groupIsAlive(pid), 'Postfix to stop', { timeoutMs: STOP_TIMEOUT_MS });
    } catch {
      this.#kill();
      await waitFor(() => !groupIsAlive(pid), 'Postfix to die', { timeoutMs: STOP_TIMEOUT_MS });
    }
    this.#masterPid = undefined;
  }

  async reload(): Promise<void> {
    await runOrFail('postfix', ['-c', this.configDirectory, 'reload']);
  }

  /** Takes effect for commands at once, for daemons with start() or reload(). */
  setParameter(name: string, value: string): void {
    this.#state.parameters.set(name, value);
    this.writeConfiguration();
  }

  /** Takes effect with start() or reload(). */
  setService(name: string, enabled: boolean): void {
    if (enabled) {
      this.#state.without.delete(name);
    } else {
      this.#state.without.add(name);
    }
    this.writeConfiguration();
  }

  async postqueue(): Promise<QueueListing[]> {
    const { stdout } = await runOrFail('postqueue', ['-c', this.configDirectory, '-j']);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line): QueueListing => JSON.parse(line));
  }

  async postqueueText(): Promise<string> {
    return (await runOrFail('postqueue', ['-c', this.configDirectory, '-p'])).stdout;
  }

  /** Has every deferred message tried now, destinations that seemed dead too. */
  async flush(): Promise<void> {
    await runOrFail('postqueue', ['-c', this.configDirectory, '-f']);
  }

  postsuper(...args: readonly string[]): Promise<CommandResult> {
    return this.#command('postsuper', args);
  }

  /** The target is a queue ID, or a path: absolute, or relative to the queue directory. */
  async postcat(target: string, ...flags: readonly string[]): Promise<Buffer> {
    const where = target.includes('/')
      ? [isAbsolute(target) ? target : join(this.queueDirectory, target)]
      : ['-q', target];
    const args = ['-c', this.configDirectory, ...flags, ...where];
    const result = await runForBytes('postcat', args);
    if (result.status !== 0) {
      throw new Error(`postcat ${args.join(' ')}: status ${result.status}\n${result.stderr}`);
    }
    return result.stdout;
  }

  /** `postfix check` complains on stderr; it also makes missing directories. */
  check(): Promise<CommandResult> {
    return this.#command('postfix', ['check']);
  }

  /** Submits one message through smtpd and returns its queue ID. */
  async submitSmtp(message: SmtpMessage): Promise<string> {
    const [queueId] = await submitAll(this.smtpPort, [message]);
    if (queueId === undefined) {
      throw new Error('no queue ID');
    }
    return queueId;
  }

  /** Submits many messages over one connection, and returns their queue IDs in order. */
  submitAll(messages: readonly SmtpMessage[]): Promise<string[]> {
    return submitAll(this.smtpPort, messages);
  }

  /**
   * Submits as sendmail(1) does. The message becomes a maildrop file of the given user, else of root. An ordinary user
   * must come with queueGroup(): set-gid postdrop gains no group then, and so takes a configuration directory that the
   * default main.cf does not name (unsafe.c, mail_conf.c). Not -C, for which sendmail asks the default main.cf always.
   */
  submitSendmail(
    args: readonly string[],
    message: string | Uint8Array,
    user: Pick<CommandOptions, 'uid' | 'gid'> = {},
  ): Promise<CommandResult> {
    const env = { MAIL_CONFIG: this.configDirectory };
    return run('sendmail', args, { input: message, env, ...user });
  }

  /** The group of set-gid postdrop; it owns maildrop (setgid_group in postconf(5)). */
  queueGroup(): number {
    return statSync(join(this.queueDirectory, 'maildrop')).gid;
  }

  /** The user that owns the mail queue (mail_owner in postconf(5)). */
  queueOwner(): number {
    return statSync(join(this.queueDirectory, 'maildrop')).uid;
  }

  queueFiles(): QueueFile[] {
    return listQueueFiles(this.queueDirectory);
  }

  /** The message and log files of one queue ID. */
  filesOf(queueId: string): QueueFile[] {
    return this.queueFiles().filter(({ name }) => name === queueId);
  }

  /** The queues that have a file of this name, logs included, in alphabetical order. */
  queuesOf(queueId: string): string[] {
    return this.filesOf(queueId)
      .map(({ queueName }) => queueName)
      .sort();
  }

  log(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8') : '';
  }

  /** An error shows the end of the log. */
  waitFor(predicate: () => boolean | Promise<boolean>, what: string, options: WaitOptions = {}): Promise<void> {
    return waitFor(predicate, what, { explain: () => this.log().slice(-4000), ...options });
  }

  /** Stops what runs and removes all that belongs to the instance. */
  async dispose(): Promise<void> {
    await this.stop();
    process.removeListener('exit', this.#kill);
    rmSync(this.#state.base, { recursive: true, force: true });
  }

  #command(program: string, args: readonly string[]): Promise<CommandResult> {
    return run(program, ['-c', this.configDirectory, ...args]);
  }
}

function makeDirectories(): string {
  const base = mkdtempSync(join(tmpdir(), 'postsnap-postfix-'));
  // Everybody must get through: daemons run as mail_owner.
  chmodSync(base, 0o755);
  // Not data: it must be mail_owner's, and post-install makes it so.
  for (const name of ['config', 'queue', 'log']) {
    mkdirSync(join(base, name), { mode: 0o755 });
  }
  // Commands that gave up root before their first message (postsuper) can't open the log file of Postfix 3.4 to 3.9
  // once it is root's, and `postfix start` fails then (HISTORY 20241122). So it exists, open to all.
  const logFile = join(base, 'log', 'mail.log');
  writeFileSync(logFile, '');
  chmodSync(logFile, 0o666);
  return base;
}

/** Makes the instance's files and its queue directories, as `postfix start` would; it is not running then. */
export async function createInstance(options: InstanceOptions = {}): Promise<PostfixInstance> {
  const base = makeDirectories();
  const ports = {
    smtpPort: await freePort(),
    relayPort: options.relayPort ?? (await freePort()),
  };
  const directories = {
    base,
    queueDirectory: join(base, 'queue'),
    dataDirectory: join(base, 'data'),
    logFile: join(base, 'log', 'mail.log'),
  };
  const instance = new PostfixInstance({
    base,
    ...ports,
    parameters: new Map(Object.entries({ ...defaultParameters(directories, ports), ...options.parameters })),
    without: new Set(options.without),
    services: options.services ?? [],
  });
  instance.writeConfiguration();
  try {
    // The quick part of `postfix check`.
    await runOrFail('postfix', ['-c', instance.configDirectory, 'post-install', 'create-missing']);
  } catch (error) {
    await instance.dispose();
    throw error;
  }
  return instance;
}
