// What is measured: postsnap under each runtime, and the tools that one would use without it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, realpathSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeQueueDirectory } from './queue.js';

export const POSTSNAP = fileURLToPath(new URL('../../bin/postsnap.js', import.meta.url));
const PASSWORD = 'bench';

/** The commands that a contender needs and this machine does not have. */
export function missingCommands({ needs }) {
  return needs.filter((command) => spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0);
}

/** A private Postfix configuration: nothing is started from it. */
export function makeConfiguration(directory, queueDirectory) {
  mkdirSync(directory, { recursive: true });
  const mainFile = join(directory, 'main.cf');
  writeFileSync(
    mainFile,
    `compatibility_level = 3.6\nqueue_directory = ${queueDirectory}\ndata_directory = ${directory}\n`,
  );
  writeFileSync(join(directory, 'master.cf'), '');
  // Commands read a file that just changed over and over, until it is two seconds old (dict.c, dict_load_file_xt).
  utimesSync(mainFile, new Date(), new Date(Date.now() - 10_000));
  return directory;
}

/** @param node the runtime's path. @param extra options of postsnap, for both commands */
export function postsnap(node, extra = []) {
  const versions = spawnSync(node, [
    '-p',
    'process.version + (require("zlib").zstdCompressSync ? "" : " WebAssembly")',
  ]);
  const name = `postsnap, Node ${versions.stdout.toString().trim()}`;
  // As a shell starts it: the command finds its runtime itself.
  const env = { PATH: [dirname(realpathSync(node)), process.env.PATH].join(delimiter) };
  return {
    name,
    needs: [],
    archive: (work) => join(work, 'postsnap.tar.zst'),
    backup: ({ queue, archive }) => ({
      command: [POSTSNAP, 'backup', '--quiet', '--queue-directory', queue, ...extra, archive],
      env,
    }),
    restore: ({ work, target, archive }) => {
      makeQueueDirectory(target);
      const configuration = makeConfiguration(join(work, 'etc'), target);
      return { command: [POSTSNAP, 'restore', '--quiet', '-c', configuration, ...extra, archive], env };
    },
  };
}

/** Not durable, and what has the same name in the target is gone. */
export const TAR_ZSTD = {
  name: 'tar, zstd, postsuper',
  needs: ['tar', 'zstd', 'postsuper'],
  archive: (work) => join(work, 'peer.tar.zst'),
  backup: ({ queue, archive }) => ({
    command: ['sh', '-c', 'tar -C "$1" -c . | zstd -3 -T0 -q -f -o "$2"', 'sh', queue, archive],
  }),
  restore: ({ work, target, archive }) => {
    makeQueueDirectory(target);
    const configuration = makeConfiguration(join(work, 'etc'), target);
    const steps = 'zstd -d -q -c "$1" | tar -C "$2" -x && postsuper -c "$3" -s';
    return { command: ['sh', '-c', steps, 'sh', archive, target, configuration] };
  },
};

const RESTIC = {
  name: 'restic',
  needs: ['restic'],
  archive: (work) => join(work, 'restic'),
  backup: ({ queue, archive }) => {
    const env = { RESTIC_REPOSITORY: archive, RESTIC_PASSWORD: PASSWORD, RESTIC_CACHE_DIR: `${archive}.cache` };
    runToEnd({ command: ['restic', 'init', '-q'], env });
    return { command: ['restic', 'backup', '-q', '.'], cwd: queue, env };
  },
  restore: ({ target, archive }) => {
    const env = { RESTIC_REPOSITORY: archive, RESTIC_PASSWORD: PASSWORD, RESTIC_CACHE_DIR: `${archive}.cache` };
    return { command: ['restic', 'restore', '-q', 'latest', '--target', target], env };
  },
};

const BORG = {
  name: 'borg',
  needs: ['borg'],
  archive: (work) => join(work, 'borg'),
  backup: ({ queue, archive }) => {
    const env = { BORG_REPO: archive, BORG_BASE_DIR: `${archive}.base` };
    runToEnd({ command: ['borg', 'init', '-e', 'none'], env });
    return { command: ['borg', 'create', '--compression', 'zstd,3', '::queue', '.'], cwd: queue, env };
  },
  restore: ({ target, archive }) => {
    mkdirSync(target, { recursive: true });
    const env = { BORG_REPO: archive, BORG_BASE_DIR: `${archive}.base` };
    return { command: ['borg', 'extract', '::queue'], cwd: target, env };
  },
};

export const PEERS = [TAR_ZSTD, RESTIC, BORG];

/** The command's output is dropped; what stands there instead is what the shell tells of its own and its children's time. */
const TIMED = '"$@" > /dev/null; status=$?; times; exit "$status"';

/**
 * Runs a command. Throws unless it succeeds: what fails quickly is not fast.
 *
 * @returns how long it took, and how long it and its children kept processors busy, in seconds
 */
export function runToEnd({ command, cwd, env }) {
  const started = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync('sh', ['-c', TIMED, 'sh', ...command], {
    cwd,
    env: { ...process.env, ...env },
  });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (status !== 0) {
    throw new Error(`${command.join(' ')}: status ${status}\n${stderr}`);
  }
  return { seconds, processorSeconds: sumOfTimes(stdout.toString()) };
}

/** Of `times`, times(1p): minutes and seconds of the shell and of its children, for user and system. */
function sumOfTimes(text) {
  return [...text.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  );
}

/** Bytes of a file, or of all files in a directory. */
export function sizeOf(path) {
  if (statSync(path).isFile() === true) {
    return statSync(path).size;
  }
  const { stdout } = spawnSync('du', ['-sb', path]);
  return Number.parseInt(stdout.toString(), 10);
}

export function remove(path) {
  for (const each of [path, `${path}.cache`, `${path}.base`]) {
    rmSync(each, { recursive: true, force: true });
  }
}
