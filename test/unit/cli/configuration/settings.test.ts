import { describe, expect, it } from 'vitest';
import type { Configuration } from '../../../../src/cli/configuration/schema.ts';
import { type SettingOrigins, Settings } from '../../../../src/cli/configuration/settings.ts';

const CONFIGURATION: Configuration = {
  store: 'main',
  level: 3,
  'keep-last': 9,
  'metrics-file': '/top.prom',
  stores: { main: { path: '/backup', 'keep-daily': 7, verify: false }, other: { path: '/other' } },
  instances: { '-': { level: 5 }, out: { store: 'other', 'metrics-file': '/out.prom', 'keep-weekly': 2 } },
};

function settingsOf(sources: Partial<SettingOrigins> = {}) {
  const settings = new Settings({
    environment: {},
    file: '/etc/p.toml',
    configuration: CONFIGURATION,
    instance: undefined,
    store: undefined,
    ...sources,
  });
  return (key: string) => settings.find(key)?.value;
}

describe('a setting', () => {
  it('is of the environment before the file, of the instance before the store, of the store before the top', () => {
    expect(settingsOf()('level')).toBe(3);
    expect(settingsOf({ instance: '-' })('level')).toBe(5);
    expect(settingsOf({ instance: '-', environment: { POSTSNAP_LEVEL: '7' } })('level')).toBe('7');
    expect(settingsOf()('verify')).toBe(false);
    expect(settingsOf({ instance: 'out' })('verify')).toBeUndefined();
    expect(settingsOf({ instance: 'out' })('metrics-file')).toBe('/out.prom');
    expect(settingsOf({ instance: 'toString' })('store')).toBe('/backup');
  });

  it('for all instances names a metrics file for each', () => {
    expect(settingsOf()('metrics-file')).toBe('/top.prom');
    expect(settingsOf({ instance: '-' })('metrics-file')).toBe('/top.prom');
    expect(settingsOf({ instance: 'toString' })('metrics-file')).toBe('/top-toString.prom');
    const environment = { POSTSNAP_METRICS_FILE: 'a.b/night' };
    expect(settingsOf({ instance: 'x/y', environment })('metrics-file')).toBe('a.b/night-x_y');
    expect(settingsOf({ instance: 'out', environment })('metrics-file')).toBe('a.b/night-out');
  });

  it('is told with where it is from', () => {
    const settings = new Settings({
      environment: { POSTSNAP_WARN_AGE: '1h' },
      file: '/etc/p.toml',
      configuration: CONFIGURATION,
      instance: undefined,
      store: undefined,
    });
    expect(settings.find('warn-age')).toEqual({
      value: '1h',
      origin: 'the environment variable POSTSNAP_WARN_AGE',
      from: 'environment',
    });
    expect(settings.find('level')).toEqual({ value: 3, origin: '/etc/p.toml', from: 'file' });
  });

  it('that is empty in the environment is none', () => {
    expect(settingsOf({ environment: { POSTSNAP_LEVEL: '' } })('level')).toBe(3);
  });
});

describe('which queue is meant is one setting', () => {
  const configuration: Configuration = {
    'config-dir': '/etc/postfix',
    'queue-directory': '/top',
    instances: { out: { 'queue-directory': '/out' }, '-': { 'config-dir': '/etc/primary' } },
  };
  const environment = { POSTSNAP_QUEUE_DIRECTORY: '/of-environment' };
  it.each([
    [undefined, '-', ['/etc/primary', '/of-environment']],
    ['option', undefined, [undefined, undefined]],
    ['instance', 'out', [undefined, '/out']],
    ['instance', 'other', [undefined, undefined]],
    ['MAIL_CONFIG', undefined, [undefined, '/of-environment']],
  ] as const)('named by %s, %s', (queueNamedBy, instance, directories) => {
    const find = settingsOf({ configuration, environment, queueNamedBy, instance });
    expect([find('config-dir'), find('queue-directory')]).toEqual(directories);
  });
});

describe('the store', () => {
  it.each([
    [{}, '/backup'],
    [{ instance: 'out' }, '/other'],
    [{ environment: { POSTSNAP_STORE: 'other' } }, '/other'],
    [{ store: 'main', instance: 'out' }, '/backup'],
    [{ store: '/elsewhere' }, '/elsewhere'],
    [{ configuration: {} }, undefined],
  ])('of %j is %s', (sources, path) => {
    expect(settingsOf(sources)('store')).toBe(path);
  });

  it('brings its own rules, also when it is named by its directory', () => {
    expect(settingsOf({ store: '/backup' })('keep-daily')).toBe(7);
    expect(settingsOf({ store: '/elsewhere' })('keep-daily')).toBeUndefined();
  });
});

describe('the rules of retention are one setting', () => {
  it.each([
    [{}, { 'keep-daily': 7 }],
    [{ instance: 'out' }, { 'keep-weekly': 2 }],
    [{ store: '/elsewhere' }, { 'keep-last': 9 }],
    [{ environment: { POSTSNAP_KEEP_YEARLY: '1' } }, { 'keep-yearly': '1' }],
  ])('of %j are %j', (sources, rules) => {
    const find = settingsOf(sources);
    const found = ['keep-last', 'keep-daily', 'keep-weekly', 'keep-yearly'].map((key) => [key, find(key)] as const);
    expect(Object.fromEntries(found.filter(([, value]) => value !== undefined))).toEqual(rules);
  });
});
