import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { TestApp } from '../support/app.js';
import { dicom, SECRET } from '../support/dicom-files.js';
import { jpegWithMetadata, png } from '../support/pictures.js';
import { ApiProcess } from '../support/processes.js';
import { download } from '../support/uploads.js';

/** Everything that the process writes down while it gets names in every place where a client can put them. */
it('names in uploaded files appear in no log line, metric, row, Redis key or file name (L-02)', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'careslot-canary-'));
  const app = await TestApp.start({ STORAGE_DIR: folder });
  const [patient] = await app.patients(1);
  const api = await ApiProcess.start({
    ...app.environment,
    LOG_LEVEL: 'trace',
    STORAGE_DIR: folder,
    METRICS_TOKEN: 'a-token-for-metrics',
  });
  const { url } = api;

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
  await api.stop();

  const { log } = api;
  expect(log.split('\n').filter((line) => line.includes('/api/v1/scans')).length).toBeGreaterThanOrEqual(8);
  const rows = await app.db.query(
    `SELECT (SELECT json_agg(s) FROM scan s) AS scans, (SELECT json_agg(a) FROM audit_log a) AS audits, (SELECT json_agg(o) FROM outbox o) AS events`,
  );
  const redis = new Redis(app.environment.REDIS_URL as string);
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
});
