import { execFile } from 'node:child_process';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import openapiTS, { astToString } from 'openapi-typescript';
import { DemoServer } from '../support/demo-server.js';

const run = promisify(execFile);
/** Inside of the repository, so that the client finds openapi-fetch. */
const FOLDER = resolve('.data/test-generated-client');

let server: DemoServer;

beforeAll(async () => {
  server = await DemoServer.start();
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
}, 120_000);

afterAll(async () => {
  await server?.stop();
  await rm(FOLDER, { recursive: true, force: true });
});

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
  }, 120_000);
});
