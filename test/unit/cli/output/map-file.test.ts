import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MapFile } from '../../../../src/cli/output/map-file.ts';
import { QueueCommands } from '../../../../src/cli/output/queue-commands.ts';
import { nodeFileSystem } from '../../../../src/fs/node-file-system.ts';
import type { MessageMapping } from '../../../../src/restore/options.ts';

const REAL = { dryRun: false, commands: new QueueCommands() };

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'postsnap-map-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function mapping(queue_id: string): MessageMapping {
  return {
    queue_name: 'deferred',
    queue_id,
    new_queue_name: 'deferred',
    new_queue_id: `${queue_id}1`,
    action: 'restored',
    reason: null,
    findings: [],
  };
}

test('holds one JSON object a line, in order, however many', () => {
  const path = join(directory, 'map');
  const map = new MapFile(path, REAL);
  const mappings = Array.from({ length: 1234 }, (_, index) => mapping(`A${index}`));
  for (const each of mappings) map.add(each);
  expect(readdirSync(directory)).not.toContain('map');
  map.publish();
  map.discard();
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual(mappings.map((each) => ({ ...each, code: null })));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual(['map']);
});

test('a file that is there is refused before anything is done', () => {
  const path = join(directory, 'map');
  writeFileSync(path, 'mine');
  expect(() => new MapFile(path, REAL)).toThrow(expect.objectContaining({ code: 'output-exists' }));
  expect(readFileSync(path, 'utf8')).toBe('mine');
});

test('a file in a directory that is not there is refused likewise', () => {
  expect(() => new MapFile(join(directory, 'none', 'map'), REAL)).toThrow(
    expect.objectContaining({ code: 'output-exists' }),
  );
});

test('a run that fails leaves nothing behind, so that the same command can be given again', () => {
  const map = new MapFile(join(directory, 'map'), REAL);
  map.add(mapping('A'));
  map.discard();
  expect(readdirSync(directory)).toEqual([]);
});

test('a disk that is full, at the first line or at the end, is told once the restore is done, with what to do', () => {
  for (const call of ['write', 'fsync', 'link'] as const) {
    const full = (): never => {
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', errno: -28 });
    };
    const map = new MapFile(join(directory, 'map'), REAL, { ...nodeFileSystem, [call]: full });
    for (let number = 0; number < 1200; number += 1) {
      map.add(mapping(`A${number}`));
    }
    expect(() => map.publish()).toThrow(
      expect.objectContaining({
        code: 'io',
        message: expect.stringContaining('all is done but the map'),
        nextStep: expect.stringContaining('same command again'),
      }),
    );
    map.discard();
    expect(readdirSync(directory)).toEqual([]);
  }
});

test('an archive without messages has an empty map', () => {
  const path = join(directory, 'map');
  new MapFile(path, REAL).publish();
  expect(readFileSync(path, 'utf8')).toBe('');
});
