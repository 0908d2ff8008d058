import { once } from 'node:events';
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import S3rver from 's3rver';
import { BlobStore } from '../../src/core/storage/blob-store.js';
import { DicomThreads } from '../../src/modules/scans/dicom/dicom-threads.js';
import { AnalysisRunner } from '../../src/modules/scans/analysis/analysis-runner.js';
import { ScanAnalyzer } from '../../src/modules/scans/analysis/scan-analyzer.js';
import { ModelInput } from '../../src/modules/scans/analysis/model-input.js';
import { ScanSweep } from '../../src/modules/scans/scan-sweep.js';
import { TestApp } from '../support/app.js';
import { dicom, IMPLICIT } from '../support/dicom-files.js';
import { eventually } from '../support/eventually.js';
import { jpeg, png } from '../support/pictures.js';
import { ApiProcess } from '../support/processes.js';
import { upload } from '../support/uploads.js';

const folders: string[] = [];
const folderFor = async (name: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), `careslot-${name}-`));
  folders.push(folder);
  return folder;
};
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

const filesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

describe('on the local disk', () => {
  let app: TestApp;
  let folder: string;
  let patient: { token: string; clientId: string };

  beforeAll(async () => {
    folder = await folderFor('faults');
    app = await TestApp.start({ STORAGE_DIR: folder, SCAN_CLIENT_MAX_COUNT: '3', JOBS_IN_PROCESS: 'false' });
    patient = (await app.patients(1))[0] as typeof patient;
  });
  afterAll(() => app.close());

  const kept = async (): Promise<string[]> =>
    (await app.db.query<{ id: string }>(`SELECT id FROM scan WHERE deleted_at IS NULL ORDER BY id`)).rows.map(
      ({ id }) => id,
    );

  it('a disk that is full is a 503, and nothing is half done', async () => {
    const blobs = app.app.get(BlobStore);
    const putFile = blobs.putFile.bind(blobs);
    const full = Object.assign(new Error('ENOSPC: no space left on device, write /var/x'), { code: 'ENOSPC' });
    const spy = jest.spyOn(blobs, 'putFile').mockImplementation((key, path) => {
      return key.endsWith('served') ? Promise.reject(full) : putFile(key, path);
    });
    const answer = await upload(app, { token: patient.token, bytes: await png() });
    spy.mockRestore();
    expect(answer).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' });
    expect(answer.headers.get('retry-after')).toBe('30');
    expect(JSON.stringify(answer.body)).not.toMatch(/ENOSPC|var/);
    expect([await filesIn(join(folder, 'incoming')), await filesIn(join(folder, 'scans'))]).toEqual([[], []]);
  });

  it('of many uploads at once as many are taken as the patient has room for', async () => {
    const bytes = await png();
    const answers = await Promise.all(Array.from({ length: 8 }, () => upload(app, { token: patient.token, bytes })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 413, 413, 413, 413, 413]);
    expect(await filesIn(join(folder, 'scans'))).toEqual(await kept());
  });

  it('a scan that is deleted while a model looks at it keeps no answer, and nobody is told of one', async () => {
    const [scanId] = (await kept()) as [string];
    const { token } = patient;
    const asked = (await app.call('POST', `/api/v1/scans/${scanId}/analysis`, { token })).data;
    const model = { protocol: 'kserve', analyse: async (): Promise<object> => DRAFT };
    const input = app.app.get(ModelInput);
    Object.assign(app.app.get(ScanAnalyzer), { model });
    jest.spyOn(input, 'of').mockImplementationOnce(async () => {
      expect((await app.call('DELETE', `/api/v1/scans/${scanId}`, { token })).status).toBe(200);
      return { png: Buffer.alloc(1), sha256: 'a'.repeat(64) };
    });
    await app.app.get(AnalysisRunner).run(asked.id);
    const { rows } = await app.db.query(`SELECT state, reason, label FROM scan_analysis WHERE id = $1`, [asked.id]);
    expect(rows).toEqual([{ state: 'FAILED', reason: 'SCAN_DELETED', label: null }]);
    expect((await app.db.query(`SELECT 1 FROM outbox WHERE event = 'scan:analyzed'`)).rows).toEqual([]);
    expect(await filesIn(join(folder, 'scans'))).not.toContain(scanId);
  });

  it('refuses a file that takes the parser too long, and answers other uploads meanwhile', async () => {
    const other = (await app.patients(1))[0] as { token: string };
    // This file takes the parser some seconds. The usual limit is longer than any file within the size limit takes.
    const threads = app.app.get(DicomThreads);
    const { maxMilliseconds } = threads;
    threads.maxMilliseconds = 2_000;
    const answered: string[] = [];
    const slow = upload(app, { token: patient.token, bytes: manyUids(4_000_000), name: 'IM1' }).finally(() =>
      answered.push('slow'),
    );
    const meanwhile = await upload(app, { token: other.token, bytes: await jpeg(), name: 'x.jpg', type: 'image/jpeg' });
    answered.push('other');
    expect(meanwhile.status).toBe(201);
    expect((await slow).body.error).toMatchObject({
      code: 'UNPROCESSABLE_FILE',
      details: { reason: 'TOO_MANY_PARTS' },
    });
    expect(answered).toEqual(['other', 'slow']);
    expect(await filesIn(join(folder, 'incoming'))).toEqual([]);
    threads.maxMilliseconds = maxMilliseconds;
    expect((await upload(app, { token: other.token, bytes: dicom(), name: 'IM2' })).status).toBe(201);
  }, 60_000);

  it('what a process leaves that is killed in the middle of an upload is swept', async () => {
    const env = { ...app.environment, STORAGE_DIR: folder };
    const api = await ApiProcess.start(env);
    const socket = connect(api.port, '127.0.0.1').on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(
      [
        'POST /api/v1/scans HTTP/1.1',
        'Host: x',
        `Authorization: Bearer ${patient.token}`,
        'Content-Type: multipart/form-data; boundary=b',
        'Content-Length: 1000000',
        '',
        '--b',
        'Content-Disposition: form-data; name="file"; filename="a.png"',
        '',
        'x'.repeat(200_000),
      ].join('\r\n'),
    );
    await eventually(async () => expect((await filesIn(join(folder, 'incoming'))).length).toBe(1));
    await api.kill();
    const before = await kept();
    const [left] = (await filesIn(join(folder, 'incoming'))) as [string];
    await utimes(join(folder, 'incoming', left), 1_000, 1_000);
    expect(await app.app.get(ScanSweep).sweep()).toMatchObject({ leftovers: 1, incomplete: [] });
    expect(await filesIn(join(folder, 'incoming'))).toEqual([]);
    expect(await kept()).toEqual(before);
  }, 90_000);
});

it('with a bucket that goes away an upload is a 503, and so is a download; nothing is half done', async () => {
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
  // The row goes at once; the bytes follow when the bucket is back.
  expect((await app.call('DELETE', `/api/v1/scans/${scan.id}`, { token })).status).toBe(200);
  expect((await fetch(app.url + scan.fileUrl)).status).toBe(404);
  await app.close();
}, 60_000);

const DRAFT = { modelId: 'm', modelVersion: '1', label: 'x', score: 0.5, summary: null };

/** One element with so many UIDs, each of which becomes another one in the copy. */
function manyUids(bytes: number): Buffer {
  const file = dicom({ syntax: IMPLICIT });
  const at = file.indexOf(Buffer.from([0x10, 0, 0x10, 0]), 132);
  const head = Buffer.from([0x08, 0, 0x55, 0x11, 0, 0, 0, 0]);
  head.writeUInt32LE(bytes, 4);
  return Buffer.concat([file.subarray(0, at), head, Buffer.from('1\\'.repeat(bytes / 2)), file.subarray(at)]);
}
