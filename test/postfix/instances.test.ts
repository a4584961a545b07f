/**
 * `backup --all-instances` with two instances of the real Postfix that postmulti(1) lists. postmulti goes by the default
 * configuration directory alone (postmulti.c): in a mount namespace of its own that is the one of a private instance.
 */

import { spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { createInstance, type PostfixInstance } from '../support/postfix/instance.ts';
import { describeWithPostfix } from '../support/postfix/requirements.ts';
import { COMMAND, postsnap } from '../support/process/command.ts';
import { small } from './estate-messages.ts';

const OUT = 'postfix-out';
const IN_NAMESPACE = ['-m', 'sh', '-c', 'mount --bind "$1" /etc/postfix && shift && exec "$@"', 'sh'];

describeWithPostfix('a backup of all instances', () => {
  let scratch: string;
  let primary: PostfixInstance;
  let out: PostfixInstance;
  let service: Server;
  let heard: string[];
  const at = (name: string) => join(scratch, name);

  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'postsnap-instances-'));
    chmodSync(scratch, 0o755);
    out = await createInstance({
      parameters: { multi_instance_name: OUT, multi_instance_enable: 'yes', myhostname: 'out.example.com' },
    });
    primary = await createInstance({
      parameters: { multi_instance_enable: 'yes', multi_instance_directories: out.configDirectory },
    });
    await primary.start();
    await primary.submitAll([small('one')]);
    await out.start();
    await out.submitAll([small('two'), small('three')]);
    service = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += String(chunk);
      });
      request.on('end', () => {
        heard.push(`${request.method} ${request.url} ${body}`.trim());
        response.end();
      });
    });
    await new Promise<void>((resolve) => {
      service.listen(0, '127.0.0.1', resolve);
    });
    const { port } = service.address() as AddressInfo;
    mkdirSync(at('store'), { mode: 0o700 });
    writeFileSync(
      at('postsnap.toml'),
      `store = "${at('store')}"\nmetrics-file = "${at('night.prom')}"\nping = "http://127.0.0.1:${port}/uuid"\n`,
    );
  });
  beforeEach(() => {
    heard = [];
  });
  afterAll(async () => {
    service.close();
    await primary.dispose();
    await out.dispose();
    rmSync(scratch, { recursive: true });
  });

  function night(...words: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
    const command = [process.execPath, COMMAND, ...words, '--configuration', at('postsnap.toml')];
    const child = spawn('unshare', [...IN_NAMESPACE, primary.configDirectory, ...command], {
      env: { ...process.env, MAIL_CONFIG: '' },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => {
      stdout += String(text);
    });
    child.stderr.on('data', (text) => {
      stderr += String(text);
    });
    return new Promise((resolve) => {
      child.on('close', (status) => resolve({ status, stdout, stderr }));
    });
  }
  const snapshots = () =>
    postsnap(['snapshots', '-j', '--store', at('store')])
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const metric = (file: string) =>
    Number(/^postsnap_backup_exit_status\{[^}]*\} (.*)$/mu.exec(readFileSync(at(file), 'utf8'))?.[1]);

  it('takes each queue of those that postmulti lists, and the service hears once', async () => {
    expect(await night('backup', '-q', '--all-instances')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(snapshots()).toMatchObject([
      { host: 'mail.example.com', instance: '-', messages: 1 },
      { host: 'out.example.com', instance: OUT, messages: 2 },
    ]);
    expect(heard).toEqual(['GET /uuid/start', 'GET /uuid']);
    expect([metric('night.prom'), metric(`night-${OUT}.prom`)]).toEqual([0, 0]);
    expect(readdirSync(at('store'))).toHaveLength(2);
  });

  it('takes one of them by its name', async () => {
    expect(await night('backup', '-q', '-i', OUT, at('one.zst'))).toEqual({ status: 0, stdout: '', stderr: '' });
    const { messages, instance } = JSON.parse(postsnap(['info', '-j', at('one.zst')]).stdout);
    expect([messages, instance]).toEqual([2, OUT]);
  });

  it('that takes one of them names the others, and how they are chosen', async () => {
    const { status, stdout } = await night('backup', at('told.zst'));
    expect(status).toBe(0);
    expect(stdout).toContain(`Not taken: the queue of instance ${OUT} (-c ${out.configDirectory}).\n`);
    const other = await night('backup', '-i', OUT, at('told-out.zst'));
    expect(other.stdout).toContain(`${out.queueDirectory} (instance ${OUT})`);
    expect(other.stdout).toContain('Not taken: the queue of the primary instance (-c /etc/postfix).\n');
  });

  it('that fails for the first tells so, though the next is taken', async () => {
    renameSync(primary.queueDirectory, `${primary.queueDirectory}.away`);
    try {
      const { status, stderr } = await night('backup', '-q', '--all-instances');
      expect(status).toBe(66);
      expect(stderr).toMatch(/^postsnap: fatal: [^\n]+\n$/u);
      expect(heard).toEqual(['GET /uuid/start', `POST /uuid/fail ${stderr}Exit status 66`]);
      expect([metric('night.prom'), metric(`night-${OUT}.prom`)]).toEqual([66, 0]);
      expect(snapshots().filter(({ instance }) => instance === OUT)).toHaveLength(2);
    } finally {
      renameSync(`${primary.queueDirectory}.away`, primary.queueDirectory);
    }
  });

  it('that fails before it is known whom to tell is told, too', async () => {
    const file = readFileSync(at('postsnap.toml'), 'utf8');
    writeFileSync(at('postsnap.toml'), `${file}[instances.${OUT}]\nconfig-dir = "${at('nowhere')}"\n`);
    const { status, stderr } = await night('backup', '-q', '--all-instances');
    expect(status).toBe(78);
    await vi.waitFor(() => {
      expect(heard).toEqual(['GET /uuid/start', `POST /uuid/fail ${stderr}Exit status 78`]);
    });
    writeFileSync(at('postsnap.toml'), file);
  });

  it('takes the setting queue-directory for a release as long as main.cf says the same', () => {
    const release = (queue: string) => {
      const file = at('release.toml');
      writeFileSync(file, `config-dir = "${primary.configDirectory}"\nqueue-directory = "${queue}"\n`);
      return postsnap(['release', '-n', '--configuration', file]);
    };
    expect(release(`${primary.queueDirectory}/`)).toMatchObject({ status: 0, stderr: '' });
    const { status, stderr } = release(out.queueDirectory);
    expect(status).toBe(78);
    expect(stderr).toContain(`the setting queue-directory is ${out.queueDirectory}, and main.cf has`);
    expect(stderr).toMatch(/^postsnap: fatal: [^\n]+ Choose an instance by -i or -c, or mend the setting\.\n$/u);
  });
});
