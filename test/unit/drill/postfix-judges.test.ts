import { describe, expect, it } from 'vitest';
import { askPostfix } from '../../../src/drill/postfix-judges.ts';
import { CommandFailure } from '../../../src/fs/command-lines.ts';
import { SimulatedFileSystem } from '../../support/disk/simulated-file-system.ts';
import { putFile } from '../../support/disk/tree.ts';

const PATHS = Array.from({ length: 450 }, (_, index) => `/q/${index}`);

interface Answer {
  readonly status?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

async function ask(answers: Readonly<Record<string, Answer>>, missing: readonly string[] = []) {
  const disk = new SimulatedFileSystem();
  disk.mkdir('/q', 0o700);
  for (const path of PATHS.filter((one) => !missing.includes(one))) {
    putFile(disk, path, { content: 'x' });
  }
  const calls: string[] = [];
  const answer = (command: string, args: readonly string[]) => {
    calls.push(`${command} ${args.slice(0, 3).join(' ')} ${args.length}`);
    const stdout = command === 'postqueue' ? '{}\n'.repeat(PATHS.length) : '';
    return { status: 0, stdout, stderr: '', ...answers[command] };
  };
  const said = await askPostfix({
    fs: disk,
    configDirectory: '/c',
    paths: PATHS,
    listed: PATHS.length,
    run: answer,
    lines: async function* (command, args) {
      const { status, stdout, stderr } = answer(command, args);
      yield* stdout.split('\n');
      if (status !== 0) {
        throw new CommandFailure(`${command} failed: ${stderr}`, true);
      }
    },
  });
  return { said, calls };
}

describe('the commands of Postfix', () => {
  it('are asked about every file, on the configuration of the drill', async () => {
    const { said, calls } = await ask({});
    expect(said).toEqual([]);
    expect(calls).toEqual([
      'postsuper -c /c -s 3',
      'postcat -c /c -e 203',
      'postcat -c /c -e 203',
      'postcat -c /c -e 53',
      'postqueue -c /c -j 3',
    ]);
  });

  it.each<[string, Readonly<Record<string, Answer>>, RegExp]>([
    ['postsuper fails', { postsuper: { status: 1, stderr: 'fatal: x\n' } }, /^postsuper -s: fatal: x$/u],
    ['postsuper renames', { postsuper: { stderr: 'Renamed: 1\n' } }, /^postsuper -s: Renamed: 1$/u],
    ['postcat fails', { postcat: { status: 1, stderr: 'bad record\n' } }, /^postcat failed: bad record$/u],
    ['postqueue shows less', { postqueue: { stdout: '{}\n' } }, /^postqueue -j: it shows 1 messages of 450$/u],
    ['postqueue fails', { postqueue: { status: 69, stdout: '', stderr: 'x' } }, /^postqueue failed: x$/u],
  ])('are heard where %s', async (_, answers, reason) => {
    expect((await ask(answers)).said[0]).toMatch(reason);
  });

  it('tell by what is gone that postsuper renamed', async () => {
    expect((await ask({}, ['/q/3'])).said).toEqual(['postsuper -s renamed or moved 1 files, /q/3 first']);
  });
});
