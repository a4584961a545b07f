// node .ci/deb.js [DIRECTORY]: makes DIRECTORY/postsnap_VERSION-1_all.deb of what was built, for Debian 13 and newer. Without a
// directory: in dist/. DEBFULLNAME and DEBEMAIL name who answers for the package, as with Debian's own tools.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const { DEBFULLNAME = 'The postsnap authors', DEBEMAIL = 'postsnap@example.org' } = process.env;
const maintainer = `${DEBFULLNAME} <${DEBEMAIL}>`;
const checkout = fileURLToPath(new URL('..', import.meta.url));
const { version, dependencies } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'));

const revision = `${version}-1`;

/** What the command needs: itself and its threads, mail_owner's program, and the one package that is not in these. */
const PROGRAM = [
  'bin/postsnap.js',
  'bin/shortage.js',
  'package.json',
  'dist/command',
  'dist/owner/program.cjs',
  'node_modules/zstd-codec',
];
const LIBRARY = 'usr/lib/postsnap';
const SETTINGS = 'etc/postsnap/postsnap.toml';
const DOCUMENTATION = 'usr/share/doc/postsnap';
const EXAMPLES = new Set(['cron.d', 'prometheus', 'grafana']);
/** Licenses that each Debian system has; a package names them by their place (Debian Policy, 12.5). */
const COMMON_LICENSES = { 'Apache-2.0': '/usr/share/common-licenses/Apache-2.0' };

/** Copyright and licenses of what is bundled: of the dependencies, and of what they depend on. */
const LICENSES = withTheirs(Object.keys(dependencies)).map((name) => /** @type {const} */ ([name, licenseOf(name)]));

/**
 * @param {readonly string[]} names
 * @returns {readonly string[]}
 */
function withTheirs(names) {
  const found = new Set(names);
  // Those that are added meanwhile have their turn, too.
  for (const name of found) {
    const { dependencies: theirs = {} } = JSON.parse(
      readFileSync(join(checkout, 'node_modules', name, 'package.json'), 'utf8'),
    );
    for (const their of Object.keys(theirs)) {
      found.add(their);
    }
  }
  return [...found].toSorted();
}

/** @param {string} name */
function licenseOf(name) {
  const directory = join(checkout, 'node_modules', name);
  const { license, author } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const by = `License: ${license}; author: ${typeof author === 'string' ? author : author?.name}`;
  if (license in COMMON_LICENSES) {
    return `${by}. On Debian systems its text is in ${COMMON_LICENSES[/** @type {'Apache-2.0'} */ (license)]}.`;
  }
  const file = readdirSync(directory).find((entry) => /^licen[cs]e/iu.test(entry));
  return file === undefined ? by : readFileSync(join(directory, file), 'utf8').trim();
}

const root = mkdtempSync(join(tmpdir(), 'postsnap-deb-'));
try {
  makeTree();
  const package_ = join(resolve(process.argv[2] ?? join(checkout, 'dist')), `postsnap_${revision}_all.deb`);
  run('dpkg-deb', ['--root-owner-group', '--build', root, package_]);
  process.stdout.write(`${package_}\n`);
} finally {
  rmSync(root, { recursive: true });
}

function makeTree() {
  for (const path of PROGRAM) {
    copy(path, `${LIBRARY}/${path}`);
  }
  rmSync(join(root, LIBRARY, 'node_modules/zstd-codec/README.md'), { force: true });
  mkdirSync(join(root, 'usr/bin'), { recursive: true });
  symlinkSync('../lib/postsnap/bin/postsnap.js', join(root, 'usr/bin/postsnap'));
  for (const page of ['man1/postsnap.1', 'man5/postsnap.toml.5', 'man5/postsnap-archive.5']) {
    compressed(`dist/share/man/${page}`, `usr/share/man/${page}.gz`);
  }
  copy('dist/share/bash-completion/completions/postsnap', 'usr/share/bash-completion/completions/postsnap');
  copy('dist/share/zsh/vendor-completions/_postsnap', 'usr/share/zsh/vendor-completions/_postsnap');
  copy('dist/share/fish/vendor_completions.d/postsnap.fish', 'usr/share/fish/vendor_completions.d/postsnap.fish');
  copy('packaging/systemd', 'usr/lib/systemd/system');
  copy('packaging/postsnap.toml', SETTINGS);
  for (const name of readdirSync(join(checkout, 'packaging')).filter((each) => EXAMPLES.has(each))) {
    copy(`packaging/${name}`, `${DOCUMENTATION}/examples/${name}`);
  }
  copy('docs', `${DOCUMENTATION}/docs`);
  compressed('CHANGELOG.md', `${DOCUMENTATION}/changelog.gz`);
  write(`${DOCUMENTATION}/changelog.Debian.gz`, gzipSync(debianChangelog(), { level: 9 }));
  write(`${DOCUMENTATION}/copyright`, copyright());
  // Modes as a package has them, whatever the umask here was.
  run('chmod', ['-R', 'u=rwX,go=rX', root]);
  // The URL of a service that is told of each run may stand in it: who knows that can speak for this machine.
  chmodSync(join(root, SETTINGS), 0o640);
  makeControl();
}

function makeControl() {
  const [kibibytes] = run('du', ['-sk', '--apparent-size', root]).split('\t');
  const control = readFileSync(join(checkout, 'packaging/debian/control'), 'utf8');
  const known = { VERSION: revision, SIZE: kibibytes, MAINTAINER: maintainer };
  write(
    'DEBIAN/control',
    control.replaceAll(/@([A-Z]+)@/gu, (_, name) => known[name]),
  );
  write('DEBIAN/conffiles', `/${SETTINGS}\n`);
  for (const script of ['postinst', 'prerm', 'postrm']) {
    copy(`packaging/debian/${script}`, `DEBIAN/${script}`);
    chmodSync(join(root, 'DEBIAN', script), 0o755);
  }
  write('DEBIAN/md5sums', run('sh', ['-c', 'cd "$1" && find usr -type f -exec md5sum {} +', 'sh', root]));
}

function debianChangelog() {
  const date = new Date().toUTCString().replace('GMT', '+0000');
  return `postsnap (${revision}) unstable; urgency=medium\n\n  * Version ${version}.\n\n -- ${maintainer}  ${date}\n`;
}

function copyright() {
  const own = readFileSync(join(checkout, 'LICENSE'), 'utf8').trim();
  const others = LICENSES.map(([name, text]) => `The package holds code of ${name}:\n\n${text}`);
  return `${[own, ...others].join('\n\n----\n\n')}\n`;
}

/** @param {string} from @param {string} to */
function copy(from, to) {
  mkdirSync(dirname(join(root, to)), { recursive: true });
  cpSync(join(checkout, from), join(root, to), { recursive: true, dereference: true });
}

/** @param {string} from @param {string} to */
function compressed(from, to) {
  write(to, gzipSync(readFileSync(join(checkout, from)), { level: 9 }));
}

/** @param {string} to @param {string | Uint8Array} content */
function write(to, content) {
  mkdirSync(dirname(join(root, to)), { recursive: true });
  writeFileSync(join(root, to), content);
}

/** @param {string} program @param {readonly string[]} words */
function run(program, words) {
  const { status, stdout, stderr, error } = spawnSync(program, words, { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`${program} ${words.join(' ')}: ${error?.message ?? stderr}`);
  }
  return stdout;
}
