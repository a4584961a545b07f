// Makes one file of the program that works with mail_owner's rights and all that it needs, threads and codecs included:
// dist/owner/program.cjs. mail_owner may not be able to read any other file of this package.

import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const input = fileURLToPath(new URL('../dist/owner/program.js', import.meta.url));
const file = fileURLToPath(new URL('../dist/owner/program.cjs', import.meta.url));

/** zstd-codec brings zstd twice: for WebAssembly, which every Node.js has, and three times as big without. */
const withoutAsmJs = {
  name: 'without-asm-js',
  load: (/** @type {string} */ id) =>
    id.endsWith('zstd-codec-binding.js') ? 'module.exports = undefined;' : undefined,
};

const bundle = await rolldown({ input, platform: 'node', plugins: [withoutAsmJs] });
await bundle.write({ file, format: 'cjs', codeSplitting: false });
await bundle.close();
