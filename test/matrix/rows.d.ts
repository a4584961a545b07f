export interface Row {
  readonly name: string;
  readonly suite: string;
  readonly node?: number;
  readonly projects: readonly string[];
}

export declare const ROWS: readonly Row[];

export interface Choice {
  readonly everything: boolean;
  readonly project: readonly string[];
  readonly filter: readonly string[];
}

export declare function chosenTests(
  row: Row,
  choice: Choice,
): { readonly projects: readonly string[]; readonly filters: readonly string[] };
