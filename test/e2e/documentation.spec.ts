import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestExpressApplication } from '@nestjs/platform-express';
import openapiTS, { astToString } from 'openapi-typescript';
import { API_DOCUMENT } from '../../src/api-document.js';
import { Config } from '../../src/core/config/config.js';
import { installOpenApi } from '../../src/core/http/openapi.js';
import { TestApp } from '../support/app.js';
import { DemoServer } from '../support/demo-server.js';
import { eventually, within } from '../support/eventually.js';
import { SettableClock } from '../support/settable-clock.js';

/** The examples of the README and of the served OpenAPI document, with the server of `npm start`. */

const run = promisify(execFile);
/** In the repository, so that the client finds openapi-fetch, and the dashboard socket.io-client. */
const FOLDER = resolve('.data/test-documentation');

/** These lines start servers, install packages or run this test, so they are not run here. */
const NOT_RUN = /\bnpm (ci|start|test)\b|\bdocker\b/;

let server: DemoServer;
let blocks: { language: string; text: string }[];

beforeAll(async () => {
  server = await DemoServer.start();
  const readme = await readFile('README.md', 'utf8');
  blocks = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({ language, text }));
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const document = await (await fetch(`${server.url}/openapi.json`)).text();
  await writeFile(join(FOLDER, 'api.d.ts'), astToString(await openapiTS(document)));
  await copyFile('test/fixtures/client/booking-flow.ts', join(FOLDER, 'booking-flow.ts'));
  await writeFile(
    join(FOLDER, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        module: 'nodenext',
        target: 'ES2023',
        lib: ['ES2023', 'DOM', 'DOM.Iterable'],
        types: ['node'],
        skipLibCheck: true,
        outDir: 'out',
      },
      files: ['booking-flow.ts'],
    }),
  );
  await writeFile(join(FOLDER, 'package.json'), '{ "type": "module" }');
});

afterAll(async () => {
  await server?.stop();
  await rm(FOLDER, { recursive: true, force: true });
});

/** The statuses of an example that cannot work. */
const BROKEN = [400, 404, 413, 415, 422, 500];

describe('the served OpenAPI document', () => {
  it('has examples that work with the demo data', async () => {
    const document: any = await (await fetch(`${server.url}/openapi.json`)).json();
    const tokens = await Promise.all(['admin', 'patient'].map((name) => signIn(`${name}@careslot.test`)));
    const called: string[] = [];
    for (const [path, methods] of Object.entries<any>(document.paths)) {
      for (const [method, operation] of Object.entries<any>(methods)) {
        const request = createRequest(document, path, operation);
        if (!request || (method !== 'get' && !SAFE_TO_TRY.has(`${method} ${path}`))) continue;
        const statuses = await Promise.all(
          tokens.map(async (token) => {
            const { status } = await fetch(`${server.url}${request.url}`, {
              method: method.toUpperCase(),
              headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
              ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
            });
            return status;
          }),
        );
        called.push(`${method} ${path}`);
        const works = statuses.some((status) => !BROKEN.includes(status));
        expect({ method, path, statuses, works }).toMatchObject({ works: true });
      }
    }
    for (const one of [...SAFE_TO_TRY, 'get /api/v1/availability', 'get /api/v1/doctors/{id}']) {
      expect(called).toContain(one);
    }
  });

  it('has examples of days in the future, also in a process that has run for weeks', async () => {
    const clock = new SettableClock();
    clock.set('2026-11-23T12:00:00Z');
    const prepare = (app: NestExpressApplication): void => installOpenApi(app, app.get(Config), API_DOCUMENT);
    const app = await TestApp.start({ JOBS_IN_PROCESS: 'false' }, prepare, clock);
    try {
      const days: string[] = [];
      for (const now of ['2026-11-23T12:00:00Z', '2026-11-23T23:59:59Z', '2026-12-20T00:00:00Z']) {
        clock.set(now);
        const document: any = await (await fetch(`${app.url}/openapi.json`)).json();
        days.push(
          document.paths['/api/v1/appointments'].post.requestBody.content['application/json'].example.startDateTime,
        );
      }
      expect(days).toEqual(['2026-11-26T09:00:00Z', '2026-11-26T09:00:00Z', '2026-12-23T09:00:00Z']);
    } finally {
      await app.close();
    }
  });

  it('is shown at /docs with a filter, a persistent sign-in, and a hint how to sign in', async () => {
    const page = await (await fetch(`${server.url}/docs/swagger-ui-init.js`)).text();
    expect(page).toMatch(/"filter": true/);
    expect(page).toMatch(/"persistAuthorization": true/);
    expect(page).toMatch(/press \*\*Authorize\*\*/);
    expect(page).toContain('patient@careslot.test');
  });
});

const SAFE_TO_TRY = new Set([
  'post /api/v1/auth/register',
  'post /api/v1/auth/login',
  'post /api/v1/appointments',
  'post /api/v1/favorites',
]);

async function signIn(email: string): Promise<string> {
  const answer = await fetch(`${server.url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: 'careslot-demo-1' }),
  });
  const { data }: any = await answer.json();
  return data.accessToken;
}

/** Creates the request of the examples. @returns null if a required field has no example */
function createRequest(document: any, path: string, operation: any): { url: string; body?: unknown } | null {
  const query = new URLSearchParams();
  let filled = path;
  for (const parameter of operation.parameters ?? []) {
    const {
      name,
      in: place,
      required,
      example,
    } = parameter.$ref ? document.components.parameters[parameter.$ref.split('/').at(-1)] : parameter;
    if (required && example === undefined) return null;
    if (example === undefined) continue;
    if (place === 'path') filled = filled.replace(`{${name}}`, example);
    if (place === 'query') query.set(name, String(example));
  }
  const content = operation.requestBody?.content;
  const body = content?.['application/json']?.example;
  if (content && body === undefined) return null;
  return { url: `${filled}?${query.toString()}`, body };
}

describe('a client generated from the served OpenAPI document', () => {
  it('compiles under strict without casts, and books, reschedules and cancels', async () => {
    const env = { ...process.env, NODE_OPTIONS: '' };
    const compiler = resolve('node_modules/typescript7/bin/tsc');
    const compiled = run(process.execPath, [compiler, '-p', join(FOLDER, 'tsconfig.json')], { env });
    await compiled.catch((error: { stdout?: string }) => {
      throw new Error(`the client does not compile:\n${error.stdout}`);
    });
    const { stdout } = await run(process.execPath, [join(FOLDER, 'out/booking-flow.js'), server.url], { env });
    const report = JSON.parse(stdout);
    expect(report).toEqual({
      email: expect.stringMatching(/^client-/),
      status: { booked: 'CONFIRMED', cancelled: 'CANCELLED' },
      starts: [expect.any(String), expect.any(String)],
      conflict: 'APPOINTMENT_CONFLICT',
    });
    expect(report.starts[0]).not.toBe(report.starts[1]);
  });
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
