import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import S3rver from 's3rver';
import { AnalysisRunner } from '../../src/modules/scans/analysis/analysis-runner.js';
import { ScanSweep } from '../../src/modules/scans/scan-sweep.js';
import { TestApp } from '../support/app.js';
import { fileWithManyUids } from '../support/dicom-files.js';
import { eventually } from '../support/eventually.js';
import { FakeModelServer } from '../support/fake-model-server.js';
import { inLongForm } from '../support/long-form.js';
import { jpeg, png } from '../support/pictures.js';
import { ApiProcess } from '../support/processes.js';
import { startStalledUpload, upload } from '../support/uploads.js';

const folders: string[] = [];
const folderFor = async (name: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), `careslot-${name}-`));
  folders.push(folder);
  return folder;
};
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** A module that is loaded before the application: renaming a file to `served` fails as on a full disk. */
const FULL_DISK = `data:text/javascript,${encodeURIComponent(`
  import { promises as fs } from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const { rename } = fs;
  const full = Object.assign(new Error('ENOSPC: no space left on device, write /var/x'), { code: 'ENOSPC' });
  fs.rename = (from, to) => (to.endsWith('/served') ? Promise.reject(full) : rename(from, to));
  syncBuiltinESMExports();
`)}`;

const filesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

describe('on the local disk', () => {
  let app: TestApp;
  let folder: string;
  let model: FakeModelServer;
  let patient: { token: string; clientId: string };

  beforeAll(async () => {
    folder = await folderFor('faults');
    model = await FakeModelServer.start();
    app = await TestApp.start({
      STORAGE_DIR: folder,
      SCAN_CLIENT_MAX_COUNT: '3',
      SCAN_MODEL_PROTOCOL: 'kserve',
      SCAN_MODEL_URL: model.url,
      SCAN_MODEL_NAME: 'stroke-ct',
      // The test runs the analyses.
      JOBS_IN_PROCESS: 'false',
    });
    patient = (await app.patients(1))[0] as typeof patient;
  });
  afterAll(async () => {
    await app.close();
    await model.close();
  });

  const kept = async (): Promise<string[]> =>
    (await app.db.query<{ id: string }>(`SELECT id FROM scan WHERE deleted_at IS NULL ORDER BY id`)).rows.map(
      ({ id }) => id,
    );

  inLongForm(it)('a full disk results in 503, and no file of the upload stays', async () => {
    const api = await ApiProcess.start({
      ...app.environment,
      STORAGE_DIR: folder,
      NODE_OPTIONS: `--import=${FULL_DISK}`,
    });
    const answer = await upload(api, { token: patient.token, bytes: await png() });
    await api.kill();
    expect(answer).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' });
    expect(answer.headers.get('retry-after')).toBe('30');
    expect(JSON.stringify(answer.body)).not.toMatch(/ENOSPC|var/);
    expect([await filesIn(join(folder, 'incoming')), await filesIn(join(folder, 'scans'))]).toEqual([[], []]);
  });

  it('concurrent uploads do not exceed the maximum number of scans of a patient', async () => {
    const bytes = await png();
    const answers = await Promise.all(Array.from({ length: 8 }, () => upload(app, { token: patient.token, bytes })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 413, 413, 413, 413, 413]);
    expect(await filesIn(join(folder, 'scans'))).toEqual(await kept());
  });

  it('a scan that is deleted while the model analyzes it keeps no result, and no event is sent', async () => {
    const [scanId] = (await kept()) as [string];
    const { token } = patient;
    const requested = (await app.call('POST', `/api/v1/scans/${scanId}/analysis`, { token })).data;
    let answer: () => void = () => undefined;
    model.gate = new Promise((resolve) => (answer = resolve));
    const analysis = app.app.get(AnalysisRunner).run(requested.id);
    await eventually(async () => expect(model.asked).toHaveLength(1));
    expect((await app.call('DELETE', `/api/v1/scans/${scanId}`, { token })).status).toBe(200);
    answer();
    await analysis;
    const { rows } = await app.db.query(`SELECT state, reason, label FROM scan_analysis WHERE id = $1`, [requested.id]);
    expect(rows).toEqual([{ state: 'FAILED', reason: 'SCAN_DELETED', label: null }]);
    expect((await app.db.query(`SELECT 1 FROM outbox WHERE event = 'scan:analyzed'`)).rows).toEqual([]);
    expect(await filesIn(join(folder, 'scans'))).not.toContain(scanId);
  });

  it('another upload is answered while a DICOM file is parsed for seconds', async () => {
    const [one, other] = (await app.patients(2)).map(({ token }) => token) as [string, string];
    const answered: string[] = [];
    const slow = upload(app, { token: one, bytes: fileWithManyUids(2_000_000), name: 'IM1' }).finally(() =>
      answered.push('slow'),
    );
    await eventually(async () => expect(await filesIn(join(folder, 'incoming'))).toHaveLength(1));
    const picture = { bytes: await jpeg(), name: 'x.jpg', type: 'image/jpeg' };
    expect((await upload(app, { token: other, ...picture })).status).toBe(201);
    answered.push('other');
    await slow;
    expect(answered).toEqual(['other', 'slow']);
    expect(await filesIn(join(folder, 'incoming'))).toEqual([]);
  });

  inLongForm(it)('the temporary files of a process that was killed during an upload are swept', async () => {
    const api = await ApiProcess.start({ ...app.environment, STORAGE_DIR: folder });
    await startStalledUpload(api.port, patient.token);
    await eventually(async () => expect((await filesIn(join(folder, 'incoming'))).length).toBe(1));
    await api.kill();
    const before = await kept();
    const [left] = (await filesIn(join(folder, 'incoming'))) as [string];
    await utimes(join(folder, 'incoming', left), 1_000, 1_000);
    expect(await app.app.get(ScanSweep).sweep()).toMatchObject({ leftovers: 1, incomplete: [] });
    expect(await filesIn(join(folder, 'incoming'))).toEqual([]);
    expect(await kept()).toEqual(before);
  });
});

it('while the bucket is unavailable, uploads and downloads result in 503, and a scan can still be deleted', async () => {
  const folder = await folderFor('bucket');
  const server = new S3rver({
    port: 0,
    address: '127.0.0.1',
    silent: true,
    directory: join(folder, 's3'),
    configureBuckets: [{ name: 'scans', configs: [] }],
  });
  const { port } = await server.run();
  const app = await TestApp.start({
    STORAGE_DIR: folder,
    STORAGE_S3_BUCKET: 'scans',
    STORAGE_S3_ENDPOINT: `http://127.0.0.1:${port}`,
    STORAGE_S3_ACCESS_KEY_ID: 'S3RVER',
    STORAGE_S3_SECRET_ACCESS_KEY: 'S3RVER',
  });
  const { token } = (await app.patients(1))[0] as { token: string };
  const scan = (await upload(app, { token, bytes: await png() })).data;
  expect((await fetch(app.url + scan.fileUrl, { headers: { range: 'bytes=0-9' } })).status).toBe(206);
  await server.close();
  expect(await upload(app, { token, bytes: await png() })).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' });
  expect((await fetch(app.url + scan.fileUrl)).status).toBe(503);
  expect(await filesIn(join(folder, 'incoming'))).toEqual([]);
  expect((await app.call('GET', '/api/v1/scans', { token })).data.length).toBe(1);
  // The row is deleted at once, the files by the sweep when the bucket is available again.
  expect((await app.call('DELETE', `/api/v1/scans/${scan.id}`, { token })).status).toBe(200);
  expect((await fetch(app.url + scan.fileUrl)).status).toBe(404);
  await app.close();
});
