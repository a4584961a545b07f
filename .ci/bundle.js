// Makes three programs of what the compiler made:
//
// - dist/owner/program.cjs, one file: what works with mail_owner's rights and all that it needs, threads and codecs
//   included. mail_owner may not be able to read any other file of this package.
// - dist/command/, the command and its threads, in few files: Node.js takes a third less time to start it
//   (docs/performance.md).
// - dist/postsnap.mjs, one file that is all of postsnap, and needs nothing but Node.js: for a rescue system. It runs itself
//   again for its threads, and its last line holds the text of owner/program.cjs.

import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const dist = fileURLToPath(new URL('../dist', import.meta.url));

const OWNER_PROGRAM = `${dist}/owner/program.cjs`;

/** As strings, templates and regular expressions take it; nothing else of the program is beyond ASCII. @param {string} unit */
function inAscii(unit) {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** zstd-codec brings zstd twice: for WebAssembly, which every Node.js has, and three times as big without. */
const withoutAsmJs = {
  name: 'without-asm-js',
  load: (/** @type {string} */ id) =>
    id.endsWith('zstd-codec-binding.js') ? 'module.exports = undefined;' : undefined,
};

/**
 * @param {import('rolldown').InputOptions} input
 * @param {import('rolldown').OutputOptions} output
 */
async function bundle(input, output) {
  const program = await rolldown({ platform: 'node', ...input });
  await program.write(output);
  await program.close();
}

rmSync(`${dist}/command`, { recursive: true, force: true });

/**
 * The threads' programs, as the compiler made them: the command gets its own copies, and a thread that served its jobs
 * twice would answer each of them twice.
 */
const threads = readdirSync(dist, { recursive: true })
  .map(String)
  .filter((path) => path.endsWith('-worker.js'));

// The threads' programs stand beside the command: their places are relative to the file that starts them.
await bundle(
  { input: `${dist}/owner/program.js`, plugins: [withoutAsmJs] },
  { file: OWNER_PROGRAM, format: 'cjs', codeSplitting: false },
);
// Each thread holds this text. One character beyond ISO 8859-1 makes it twice as big in memory: 14 MB of a backup's 221.
writeFileSync(OWNER_PROGRAM, readFileSync(OWNER_PROGRAM, 'utf8').replaceAll(/[^\0-\x7f]/g, inAscii));

await bundle(
  {
    input: Object.fromEntries(['cli/main.js', ...threads].map((path) => [basename(path, '.js'), `${dist}/${path}`])),
    // It finds its own files by __dirname.
    external: ['zstd-codec', /^zstd-codec\//u],
  },
  { dir: `${dist}/command`, format: 'esm' },
);

/** Where a module of the command finds another file of this package, and what stands there instead in the one file. */
const PLACES = [
  [/new URL\('\.\/[a-z-]+-worker\.js', import\.meta\.url\)/gu, 'new URL(import.meta.url)'],
  [/new URL\('\.\.\/\.\.\/dist\/owner\/program\.cjs', import\.meta\.url\)/gu, 'new URL(import.meta.url)'],
  [
    /createRequire\(import\.meta\.url\)\('\.\.\/\.\.\/package\.json'\)/gu,
    JSON.stringify({ version: packageVersion() }),
  ],
];

function packageVersion() {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}

/** The main program of the one file: the command in the main thread; a thread is served by the module that is meant. */
const ONE_FILE = 'one-file';
const oneFile = {
  name: ONE_FILE,
  resolveId: (/** @type {string} */ id) => (id === ONE_FILE ? id : undefined),
  load: (/** @type {string} */ id) => (id === ONE_FILE ? oneFileText() : undefined),
  transform: (/** @type {string} */ code, /** @type {string} */ id) =>
    id.startsWith(dist) ? PLACES.reduce((text, [place, here]) => text.replaceAll(place, () => here), code) : undefined,
};

function oneFileText() {
  return [
    ...threads.map((path) => `import '${dist}/${path}';`),
    `import { main } from '${dist}/cli/main.js';`,
    `import { REFUSED, shortage } from '${fileURLToPath(new URL('../bin/shortage.js', import.meta.url))}';`,
    "import { isMainThread } from 'node:worker_threads';",
    'const lack = isMainThread ? shortage() : undefined;',
    'if (lack !== undefined) {',
    "  process.stderr.write('postsnap: fatal: ' + lack + '\\n');",
    '  process.exit(REFUSED);',
    '}',
    `if (isMainThread) process.exit(await main(process.argv.slice(2), '${packageVersion()}'));`,
  ].join('\n');
}

/** The lines of bin/postsnap.js that the shell reads. */
const shellLines = readFileSync(new URL('../bin/postsnap.js', import.meta.url), 'utf8')
  .split('\n', 2)
  .join('\n');

const path = `${dist}/postsnap.mjs`;
await bundle(
  { input: ONE_FILE, plugins: [oneFile, withoutAsmJs] },
  // zstd-codec's own code asks for its directory, and finds nothing there that it needs.
  { file: path, format: 'esm', codeSplitting: false, banner: `${shellLines}\nconst __dirname = import.meta.dirname;` },
);
const program = JSON.stringify(readFileSync(OWNER_PROGRAM, 'utf8'));
writeFileSync(path, `${readFileSync(path, 'utf8').trimEnd()}\n//owner ${program}\n`);
chmodSync(path, 0o755);
