// Makes two programs of what the compiler made:
//
// - dist/owner/program.cjs, one file: what works with mail_owner's rights and all that it needs, threads and codecs
//   included. mail_owner may not be able to read any other file of this package.
// - dist/command/, the command and its threads, in few files: Node.js takes a third less time to start it
//   (docs/performance.md).

import { readdirSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const dist = fileURLToPath(new URL('../dist', import.meta.url));

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

/** The threads' programs stand beside the command: their places are relative to the file that starts them. */
function threads() {
  return readdirSync(dist, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('-worker.js'));
}

rmSync(`${dist}/command`, { recursive: true, force: true });
await bundle(
  { input: `${dist}/owner/program.js`, plugins: [withoutAsmJs] },
  { file: `${dist}/owner/program.cjs`, format: 'cjs', codeSplitting: false },
);

await bundle(
  {
    input: Object.fromEntries(['cli/main.js', ...threads()].map((path) => [basename(path, '.js'), `${dist}/${path}`])),
    // It finds its own files by __dirname.
    external: ['zstd-codec', /^zstd-codec\//u],
  },
  { dir: `${dist}/command`, format: 'esm' },
);
