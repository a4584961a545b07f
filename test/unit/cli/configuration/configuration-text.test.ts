import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfigurationText } from '../../../../src/cli/configuration/configuration-text.ts';
import { INSTANCE } from '../../../../src/cli/configuration/schema.ts';
import { SETTING_KEYS } from '../../../../src/cli/configuration/setting-keys.ts';

const EXAMPLE = readFileSync(join(import.meta.dirname, '../../../../packaging/postsnap.toml'), 'utf8');

function faultsOf(...lines: string[]): string[] {
  const read = readConfigurationText(lines.join('\n'));
  return 'faults' in read ? read.faults.map(({ line, text }) => `${line}: ${text}`) : [];
}

describe('a configuration', () => {
  it('is read', () => {
    expect(readConfigurationText('store = "main"\n[stores.main]\npath = "/b"\nkeep-daily = 7\n')).toEqual({
      configuration: { store: 'main', stores: { main: { path: '/b', 'keep-daily': 7 } } },
    });
    expect(readConfigurationText('')).toEqual({ configuration: {} });
  });

  it('has an example in which every key stands, and which is right with and without its comment signs', () => {
    expect(readConfigurationText(EXAMPLE)).toEqual({ configuration: {} });
    const uncommented = EXAMPLE.replace(/^#(?=\S)/gmu, '');
    expect(readConfigurationText(uncommented)).toMatchObject({ configuration: { stores: { main: { verify: true } } } });
    for (const key of SETTING_KEYS) {
      expect(uncommented, key).toMatch(new RegExp(`^${key} = `, 'mu'));
    }
  });

  it('has the keys that options are looked up by', () => {
    expect(Object.keys(INSTANCE.entries).toSorted()).toEqual([...SETTING_KEYS].toSorted());
  });
});

describe('what is wrong is told by its line, with what was expected', () => {
  it.each([
    [
      'an unknown key',
      ['', '# one', 'kep-daily = 3'],
      [/^3: kep-daily: there is no such key; is keep-daily meant\? Known are .*max-age/u],
    ],
    [
      'a key of another table',
      ['[stores.a]', 'path = "/b"', 'level = 3'],
      [/^3: stores\.a\.level: .* Known are path, /u],
    ],
    ['a wrong number', ['level = 20'], ['1: level: expected is a whole number from 1 to 19, found is 20']],
    ['a wrong type', ['level = "3"'], ['1: level: expected is a whole number from 1 to 19, found is "3"']],
    [
      'a wrong count',
      ['keep-daily = "all"'],
      ['1: keep-daily: expected is a whole number, or "unlimited", found is "all"'],
    ],
    [
      'a wrong span',
      ['keep-within = "2 weeks"'],
      [/^1: keep-within: expected is years, .*"14d".*, found is "2 weeks"$/u],
    ],
    ['a wrong queue', ['queues = "defer"'], [/^1: queues: expected is names of message queues/u]],
    [
      'a secret, which is not repeated',
      ['ping = "htps://ping.example/secret"', '[instances.out]', 'ping = "https://user:secret@ping.example/"'],
      [/^1: ping: expected is a URL that begins(?!.*secret)/u, /^3: instances\.out\.ping: expected is (?!.*secret)/u],
    ],
    ['a relative directory', ['config-dir = "etc"'], [/^1: config-dir: expected is a path from the root on/u]],
    ['a store without a path', ['level = 3', '', '[stores.a]', 'keep-last = 3'], ['3: stores.a.path is missing']],
    [
      'a store that is no table',
      ['stores = 3'],
      ['1: stores: expected is a table of its own, under a name, found is 3'],
    ],
    ['a value in several lines', ['level = 3', 'queues = """', 'x', '"""'], [/^2: queues: /u]],
    [
      'a dotted key',
      ['stores.a.path = "/a"', 'stores.a.kep-last = 1'],
      [/^2: stores\.a\.kep-last: .*keep-last meant\?/u],
    ],
    [
      'several things',
      ['level = 0', 'x = 1', 'verify = 1'],
      [/^1: level/u, /^2: x/u, /^3: verify: expected is true or false/u],
    ],
    ['no TOML', ['level = 3', 'level: 4'], [/^2: this is no TOML: /u]],
    ['a key twice', ['level = 3', 'level = 4'], [/^2: this is no TOML: /u]],
    ['a name that every object has', ['toString = 1'], [/^1: toString: there is no such key; is /u]],
  ])('%s', (_, lines, expected) => {
    const faults = faultsOf(...lines);
    expect(faults).toEqual(expected.map((one) => (typeof one === 'string' ? one : expect.stringMatching(one))));
  });
});
