/** The text of postsnap.toml as a configuration, or what is wrong with it, line by line. Pure. */

import { parse, TomlError } from 'smol-toml';
import { type BaseIssue, safeParse } from 'valibot';
import { nearestName } from '../../postfix/nearest-name.ts';
import { lineOfKey } from './key-line.ts';
import { CONFIGURATION, type Configuration, INSTANCE, STORE } from './schema.ts';
import { SECRET_KEYS } from './setting-keys.ts';

/** One thing that is wrong. */
export interface ConfigurationFault {
  /** From 1 on. */
  readonly line: number;
  /** The key, and what was expected of it. */
  readonly text: string;
}

export type ReadText = { readonly configuration: Configuration } | { readonly faults: readonly ConfigurationFault[] };

export function readConfigurationText(text: string): ReadText {
  try {
    const result = safeParse(CONFIGURATION, parse(text));
    return result.success
      ? { configuration: result.output }
      : { faults: result.issues.map((issue) => faultOf(issue, text)).sort((a, b) => a.line - b.line) };
  } catch (error) {
    if (!(error instanceof TomlError)) {
      throw error;
    }
    // Its first line says what is wrong; a picture of the place follows.
    const reason = error.message.split('\n')[0]?.replace(/^Invalid TOML document: /u, '') ?? '';
    return { faults: [{ line: error.line, text: `this is no TOML: ${reason}` }] };
  }
}

function faultOf(issue: BaseIssue<unknown>, text: string): ConfigurationFault {
  const path = (issue.path ?? []).map(({ key }) => String(key));
  const name = path.join('.');
  if (issue.kind === 'schema' && issue.expected === 'never') {
    return { line: lineOfKey(text, path) ?? 1, text: `${name}: there is no such key${suggestion(path)}` };
  }
  if (issue.received === 'undefined') {
    return { line: lineOfKey(text, path.slice(0, -1)) ?? 1, text: `${name} is missing` };
  }
  const found = SECRET_KEYS.has(path.at(-1) ?? '') ? 'it is something else' : `found is ${issue.received}`;
  return { line: lineOfKey(text, path) ?? 1, text: `${name}: expected is ${issue.message}, ${found}` };
}

/** The key that is written nearly so, and all that may stand there. */
function suggestion(path: readonly string[]): string {
  const wanted = path.at(-1) ?? '';
  const known = Object.keys(path.length === 1 ? CONFIGURATION.entries : entriesOf(path[0]));
  return `; is ${nearestName(wanted, known) ?? ''} meant? Known are ${known.join(', ')}`;
}

function entriesOf(kind: string | undefined): object {
  return kind === 'stores' ? STORE.entries : INSTANCE.entries;
}
