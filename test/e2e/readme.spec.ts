import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DemoServer } from '../support/demo-server.js';
import { eventually, within } from '../support/eventually.js';

const run = promisify(execFile);
/** In the repository, so that the socket snippet finds socket.io-client. */
const FOLDER = resolve('.data/test-readme');

/** These lines start servers, install packages or run this test, so they are not run here. */
const NOT_RUN = /\bnpm (ci|start|test)\b|\bdocker\b/;

let server: DemoServer;
let blocks: { language: string; text: string }[];

beforeAll(async () => {
  const readme = await readFile('README.md', 'utf8');
  blocks = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({ language, text }));
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  server = await DemoServer.start();
});

afterAll(async () => {
  await server?.stop();
  await rm(FOLDER, { recursive: true, force: true });
});

const environment = (): NodeJS.ProcessEnv => {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, CARESLOT_URL: server.url };
};

/** Returns the shell blocks without the lines that are not run. */
const shellBlocks = (): string[] =>
  blocks
    .filter(({ language }) => language === 'sh')
    .map(({ text }) => text.split('\n').filter((line) => !NOT_RUN.test(line)))
    .filter((lines) => lines.some((line) => line.trim() !== ''))
    .map((lines) => lines.join('\n'));

async function runShell(text: string): Promise<string> {
  const { stdout, stderr } = await run('sh', ['-c', text], { cwd: FOLDER, env: environment() });
  expect(stderr).toBe('');
  return stdout;
}

describe('the README', () => {
  it('has only two shell lines that this test does not run', () => {
    const lines = blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.split('\n'));
    expect(lines.filter((line) => NOT_RUN.test(line)).map((line) => line.split('#')[0]?.trim())).toEqual([
      'npm ci && npm start',
      'npm ci && npm test',
    ]);
  });

  it('has a shell example that books, reschedules and cancels, and can be repeated', async () => {
    const scripts = shellBlocks();
    expect(scripts).toHaveLength(1);
    for (let time = 0; time < 2; time += 1) {
      const answers = (await runShell(scripts[0] as string))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(answers).toMatchObject([
        { success: true, data: { status: 'CONFIRMED', version: 1 } },
        { success: true, data: { status: 'CONFIRMED', version: 2 } },
        { success: true, data: { status: 'CANCELLED', cancelReason: 'Only a try' } },
      ]);
      expect(answers[1].data.startDateTime).not.toBe(answers[0].data.startDateTime);
    }
  });

  it('has a socket example that receives the events of the front desk', async () => {
    const scripts = blocks.filter(({ language }) => language === 'js');
    expect(scripts).toHaveLength(1);
    const file = join(FOLDER, 'dashboard.mjs');
    await writeFile(file, scripts[0]?.text ?? '');
    const dashboard = spawn(process.execPath, [file], { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    dashboard.stdout.on('data', (data: Buffer) => (printed += data.toString()));
    try {
      await eventually(async () => expect(printed).toContain('connected'));
      await runShell(shellBlocks()[0] as string);
      await eventually(async () => {
        expect(printed).toContain('appointment:created');
        expect(printed).toContain('appointment:updated');
        expect(printed).toContain('appointment:cancelled');
      });
      expect(printed).not.toContain('refused');
    } finally {
      await ended(dashboard);
    }
  });
});

async function ended(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await within('the end of the dashboard', gone);
}
