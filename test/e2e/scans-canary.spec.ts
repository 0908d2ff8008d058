import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { TestApp, testEnvironment } from '../support/app.js';
import { dicom, SECRET } from '../support/dicom-files.js';
import { jpegWithMetadata, png } from '../support/pictures.js';
import { download } from '../support/uploads.js';

/** Everything that the process writes down while it gets names in every place where a client can put them. */
it('names in files are found in no log line, no metric, no row, no key of Redis and no file name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'careslot-canary-'));
  const app = await TestApp.start({ STORAGE_DIR: folder });
  const [patient] = await app.patients(1);
  const database = (await app.db.query<{ name: string }>('SELECT current_database() AS name')).rows[0]?.name as string;
  const databaseUrl = new URL(process.env.DATABASE_URL as string);
  databaseUrl.pathname = `/${database}`;
  const env: Record<string, string> = {
    ...testEnvironment(databaseUrl.href),
    LOG_LEVEL: 'trace',
    STORAGE_DIR: folder,
    PORT: String(await freePort()),
  };
  // The process under test runs from the build, with its own log.
  const child = spawn(process.execPath, ['dist/src/main.js'], {
    env: { PATH: process.env.PATH, ...env, METRICS_TOKEN: 'a-token-for-metrics' },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (log += data.toString()));
  const url = `http://127.0.0.1:${env.PORT}`;
  await until(async () => (await fetch(`${url}/health/live`)).ok);

  const send = async (bytes: Buffer, name: string, type: string): Promise<any> => {
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(bytes)], { type }), name);
    const headers = { authorization: `Bearer ${patient?.token as string}` };
    return ((await (await fetch(`${url}/api/v1/scans`, { method: 'POST', headers, body: form })).json()) as any).data;
  };
  const scan = await send(dicom(), 'CANARY.dcm', 'application/dicom');
  await send(await jpegWithMetadata(SECRET), 'CANARY.jpg', 'image/jpeg');
  await send(dicom({ without: ['0020000E'] }), 'CANARY.dcm', '');
  await send(
    dicom({ extra: { '00100030': { vr: 'DA', Value: ['CANARY!!'] }, '00280010': { vr: 'DS', Value: ['CANARY'] } } }),
    'CANARY.dcm',
    '',
  );
  await send(dicom().subarray(0, 700), 'CANARY.dcm', '');
  await send((await png()).subarray(0, 90), 'CANARY.png', 'image/png');
  await send(Buffer.from('CANARY'), 'CANARY.png', 'image/png');
  expect((await download(url + scan.fileUrl)).bytes.includes('CANARY')).toBe(true);
  const metrics = await (
    await fetch(`${url}/metrics`, { headers: { authorization: 'Bearer a-token-for-metrics' } })
  ).text();
  child.kill('SIGTERM');
  await once(child, 'exit');

  expect(log.split('\n').filter((line) => line.includes('/api/v1/scans')).length).toBeGreaterThanOrEqual(8);
  const rows = await app.db.query(
    `SELECT (SELECT json_agg(s) FROM scan s) AS scans, (SELECT json_agg(a) FROM audit_log a) AS audits, (SELECT json_agg(o) FROM outbox o) AS events`,
  );
  const redis = new Redis(env.REDIS_URL as string);
  const keys = await redis.keys('*');
  redis.disconnect();
  const names = await readdir(folder, { recursive: true });
  for (const text of [log, metrics, JSON.stringify(rows.rows), keys.join(), names.join()])
    expect(text).not.toMatch(/CANARY/i);
  // The signature of a link is a key to the file: it is in no log line either.
  expect(log).not.toContain(new URL(url + scan.fileUrl).searchParams.get('link'));
  const copy = await readFile(join(folder, 'scans', scan.id, 'deidentified'));
  expect(copy.includes('CANARY')).toBe(false);
  await app.close();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function until(check: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (await check().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('it did not start');
}
