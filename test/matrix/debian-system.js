// A Debian system of its own, made by debootstrap once a machine, and commands that run in it as its root.

import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ENTER = fileURLToPath(new URL('enter.sh', import.meta.url));
const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const MIRROR = 'http://deb.debian.org/debian';

/** What the tests call, as .ci/run installs it. */
const PACKAGES = [
  'postfix',
  'perl',
  'xz-utils',
  'libarchive-tools',
  'busybox-static',
  'zstd',
  'python3',
  'gcc',
  'libc6-dev',
  'procps',
  'mount',
  'e2fsprogs',
  'xfsprogs',
  'btrfs-progs',
];

/** In a process ID namespace, whose processes die with the first of them: no package leaves a daemon behind. */
const NAMESPACES = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Where systems and Node releases are kept, root's alone: what runs there runs as root. */
export function cacheDirectory() {
  const path = join(tmpdir(), 'postsnap-systems');
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const status = lstatSync(path);
  if (status.isDirectory() === false || status.uid !== 0 || (status.mode & 0o077) !== 0) {
    throw new Error(`${path} is no directory of root's with mode 0700: remove it`);
  }
  return path;
}

/** The system of a suite, with the packages that the tests need and these; made where it is not there yet. */
export function debianSystem(suite, extraPackages = []) {
  const include = [...PACKAGES, ...extraPackages].join(',');
  // Another list of packages, another system.
  const root = join(cacheDirectory(), `${suite}-${hash('sha256', include).slice(0, 8)}`);
  return madeOnce(root, (unfinished) => {
    const words = ['debootstrap', '--variant=minbase', `--include=${include}`, suite, unfinished, mirror()];
    runOrFail('unshare', [...NAMESPACES, ...words]);
    // Everybody is to get through.
    chmodSync(unfinished, 0o755);
  });
}

/** Makes a directory whole, or not at all. */
export function madeOnce(path, make) {
  if (existsSync(path) === true) {
    return path;
  }
  const unfinished = mkdtempSync(`${path}.`);
  try {
    make(unfinished);
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { recursive: true });
    throw error;
  }
  return path;
}

/** The archive that this machine has its own packages from, where it is Debian's. */
function mirror() {
  const format = ['--format', '$(ORIGIN) $(REPO_URI)', 'Created-By: Packages'];
  return /^Debian (http\S+)/mu.exec(runForText('apt-get', ['indextargets', ...format]))?.[1] ?? MIRROR;
}

/**
 * Runs a command in the checkout, as root of the system, with a /tmp of its own that `use` may look at afterwards.
 * `node` is the directory of another Node.js than the system's own.
 */
export function runIn({ root, node }, command, use) {
  const scratch = mkdtempSync(join(tmpdir(), 'postsnap-matrix-'));
  // As /tmp is: other users work in it.
  chmodSync(scratch, 0o1777);
  try {
    const words = [ENTER, root, CHECKOUT, scratch, node ?? '', ...command];
    const { status } = spawnSync('unshare', [...NAMESPACES, 'sh', ...words], { stdio: 'inherit' });
    return use({ status, scratch });
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** Runs a program of this machine that takes long. */
export function runOrFail(program, words) {
  // Its words to stderr: stdout is for the table.
  const { status, error } = spawnSync(program, words, { stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    throw new Error(`${program} ${words.join(' ')}: ${error?.message ?? `status ${status}`}`);
  }
}

/** What a program says on stdout, without the last line's end. */
export function runForText(program, words) {
  const { status, stdout, stderr, error } = spawnSync(program, words, { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`${program} ${words.join(' ')}: ${error?.message ?? stderr}`);
  }
  return stdout.trimEnd();
}
