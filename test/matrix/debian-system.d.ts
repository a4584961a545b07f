export declare function debianSystem(suite: string, extraPackages?: readonly string[]): string;
export declare function runIn<T>(
  system: { readonly root: string; readonly node?: string | undefined },
  command: readonly string[],
  use: (ended: { readonly status: number | null; readonly scratch: string }) => T,
): T;
export declare function runOrFail(program: string, words: readonly string[]): void;
