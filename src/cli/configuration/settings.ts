/**
 * What the environment and the configuration file say of a command's options. An option that is given goes before the
 * environment, the environment before the file; in the file an instance's table goes before a store's, and that before what
 * stands at the top. Pure.
 */

import { join, parse } from 'node:path';
import type { Configuration, SettingValue } from './schema.ts';
import { SETTING_KEYS } from './setting-keys.ts';

/** A value, and where it is from, for people. */
export interface Setting {
  readonly value: SettingValue;
  readonly origin: string;
  readonly from: 'environment' | 'file';
}

interface Layer {
  readonly from: Setting['from'];
  readonly origin: (key: string) => string;
  readonly values: Readonly<Record<string, unknown>>;
}

const PREFIX = 'POSTSNAP_';
const METRICS = 'metrics-file';
/** As postmulti(1) calls it. */
export const PRIMARY_INSTANCE = '-';

/** The environment variable of a key. */
export function variableOf(key: string): string {
  return PREFIX + key.toUpperCase().replaceAll('-', '_');
}

export interface SettingOrigins {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly file: string;
  readonly configuration: Configuration;
  /** multi_instance_name of the Postfix instance; undefined where it is not known. */
  readonly instance: string | undefined;
  /** The option, where it is given. */
  readonly store: string | undefined;
  /** What names the queue already; undefined: nothing does. */
  readonly queueNamedBy?: 'option' | 'instance' | 'MAIL_CONFIG' | undefined;
}

/** Which queue is meant is one setting: that of another place would be taken for the one that is named. */
const OF_THE_QUEUE: ReadonlySet<string> = new Set(['config-dir', 'queue-directory']);

export class Settings {
  /** The store's directory; undefined where none is said. */
  readonly store: Setting | undefined;
  readonly #layers: readonly Layer[];
  readonly #layersOfQueue: readonly Layer[];
  readonly #ofInstance: Layer;
  readonly #instance: string | undefined;

  constructor({ environment, file, configuration, instance, store, queueNamedBy }: SettingOrigins) {
    const fromFile = (table: object | undefined): Layer => ({ from: 'file', origin: () => file, values: { ...table } });
    const variables: Layer = {
      from: 'environment',
      origin: (key) => `the environment variable ${variableOf(key)}`,
      values: variablesOf(environment),
    };
    const ofInstance = fromFile(instance === undefined ? undefined : ownOf(configuration.instances, instance));
    const outer = [variables, ofInstance];
    const top = fromFile(configuration);
    const said = store === undefined ? find([...outer, top], 'store') : given(store);
    const table = storeTable(configuration, said?.value);
    this.store = said === undefined ? undefined : { ...said, value: table?.path ?? said.value };
    this.#ofInstance = ofInstance;
    this.#instance = instance;
    this.#layers = [...outer, fromFile(table), top];
    const known = { option: [], instance: [ofInstance], MAIL_CONFIG: [variables] };
    this.#layersOfQueue = queueNamedBy === undefined ? this.#layers : known[queueNamedBy];
  }

  /** The value of a key of the file, that is of an option. */
  find(key: string): Setting | undefined {
    if (key === 'store') {
      return this.store;
    }
    const found = find(OF_THE_QUEUE.has(key) ? this.#layersOfQueue : this.#layers, key);
    const isOwn = found?.from === 'file' && Object.hasOwn(this.#ofInstance.values, key);
    return key !== METRICS || found === undefined || isOwn
      ? found
      : { ...found, value: metricsFileOf(String(found.value), this.#instance) };
  }
}

/**
 * The metrics file of an instance, where one is named for all: what one instance writes would take the place of what another
 * wrote, and hide its failure.
 */
export function metricsFileOf(path: string, instance: string | undefined): string {
  if (instance === undefined || instance === PRIMARY_INSTANCE) {
    return path;
  }
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}-${instance.replaceAll('/', '_')}${ext}`);
}

/** A store that is named by its option. */
function given(store: string): Setting {
  return { value: store, origin: 'the option', from: 'environment' };
}

/** A store by its name, or by the directory that it names. */
function storeTable({ stores = {} }: Configuration, said: SettingValue | undefined) {
  const name = String(said ?? '');
  return ownOf(stores, name) ?? Object.values(stores).find(({ path }) => path === name);
}

function ownOf<Value>(table: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined {
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}

function variablesOf(environment: SettingOrigins['environment']): Record<string, string> {
  const set = SETTING_KEYS.map((key) => [key, environment[variableOf(key)] ?? ''] as const);
  return Object.fromEntries(set.filter(([, value]) => value !== ''));
}

const RULE = 'keep-';

/** The rules of retention are one setting: who gives one of them gives them all. */
function find(layers: readonly Layer[], key: string): Setting | undefined {
  const has = key.startsWith(RULE)
    ? ({ values }: Layer) => Object.keys(values).some((name) => name.startsWith(RULE))
    : ({ values }: Layer) => Object.hasOwn(values, key);
  const layer = layers.find(has);
  const value = layer?.values[key];
  if (layer === undefined || (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')) {
    return undefined;
  }
  return { value, origin: layer.origin(key), from: layer.from };
}
