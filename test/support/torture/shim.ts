import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('shim.c', import.meta.url));

/** What the library is told; see shim.c. */
export interface ShimSettings {
  readonly below: string;
  readonly falsePercent?: number;
  readonly createPercent?: number;
  readonly hardPermille?: number;
  readonly noLinks?: boolean;
  readonly delayMicroseconds?: number;
  readonly seed?: number;
}

export interface Shim {
  /** The environment in which a program has the library between itself and the system. */
  environment(settings: ShimSettings): Record<string, string>;
  /** How many errors there were since it was asked last. */
  takeCounts(): { readonly falseErrors: number; readonly hardErrors: number };
}

/** Compiles the library into a directory. */
export function compileShim(directory: string): Shim {
  const library = join(directory, 'shim.so');
  const counts = join(directory, 'shim-counts');
  execFileSync('cc', ['-shared', '-fPIC', '-O2', '-Wall', '-Wextra', '-Werror', '-o', library, SOURCE, '-ldl']);
  const clear = (): void => {
    writeFileSync(counts, Buffer.alloc(16));
    // The process that is mail_owner counts, too, whatever the umask is here.
    chmodSync(counts, 0o666);
  };
  clear();
  return {
    environment: ({ below, falsePercent, createPercent, hardPermille, noLinks, delayMicroseconds, seed = 1 }) => ({
      LD_PRELOAD: library,
      SHIM_ROOT: below,
      SHIM_FALSE: String(falsePercent ?? 0),
      SHIM_CREATE: String(createPercent ?? 0),
      SHIM_HARD: String(hardPermille ?? 0),
      SHIM_NO_LINKS: noLinks === true ? '1' : '0',
      SHIM_DELAY: String(delayMicroseconds ?? 0),
      SHIM_SEED: String(seed),
      SHIM_COUNTS: counts,
    }),
    takeCounts: () => {
      const bytes = readFileSync(counts);
      clear();
      return { falseErrors: Number(bytes.readBigUInt64LE(0)), hardErrors: Number(bytes.readBigUInt64LE(8)) };
    },
  };
}
