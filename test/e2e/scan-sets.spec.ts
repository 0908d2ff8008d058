import { mkdir, mkdtemp, readdir, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { AnalysisRunner } from '../../src/modules/scans/analysis/analysis-runner.js';
import { EXPORTED_TABLES, type ExportedTable } from '../../src/modules/privacy/exported-tables.js';
import { ExportRepository } from '../../src/modules/privacy/export.repository.js';
import { ScanSweep } from '../../src/modules/scans/scan-sweep.js';
import { TestApp, type Answer } from '../support/app.js';
import { dicom, element, JPEG_BASELINE, parsed } from '../support/dicom-files.js';
import { emailIndex, findUserId } from '../support/encrypted.js';
import { eventually } from '../support/eventually.js';
import { FaultyBucket } from '../support/faulty-bucket.js';
import { countLockWaits, inTransaction, lockTable } from '../support/locks.js';
import { MEAN_BIAS, MEAN_WEIGHT } from '../support/onnx-model.js';
import { OnnxModelServer } from '../support/onnx-model-server.js';
import { png } from '../support/pictures.js';
import { secondApp } from '../support/second-app.js';
import { download, upload } from '../support/uploads.js';

interface Person {
  token: string;
  userId: string;
  clientId: string;
}

interface SliceOptions {
  study?: string;
  series?: string;
  patientId?: string;
  /** The value of all pixels. The window of the file is -160 to 240. */
  value?: number;
  uid?: string;
  compressed?: boolean;
}

const MAX_IMAGES = 12;
const SIDE = 8;
const PATH = '/api/v1/scan-sets';
const SETTINGS = { SCAN_SET_MAX_IMAGES: String(MAX_IMAGES), SCAN_CLIENT_MAX_COUNT: '3' };

let app: TestApp;
let server: OnnxModelServer;
let folder: string;
let owner: Person;
let stranger: Person;
let doctor: string;
let otherDoctor: string;
let staff: string;
let study: string;
let studies = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-sets-'));
  server = await OnnxModelServer.start();
  await server.load('mean');
  app = await TestApp.start({
    STORAGE_DIR: folder,
    // The test runs the jobs itself, so that it knows when they are done.
    JOBS_IN_PROCESS: 'false',
    ...SETTINGS,
    SCAN_MODEL_PROTOCOL: 'kserve',
    SCAN_MODEL_URL: server.url,
    SCAN_MODEL_NAME: 'mean',
    SCAN_MODEL_INPUT_SIDE: String(SIDE),
    SCAN_MODEL_MAX_IMAGES: '10',
  });
  const { rows } = await app.db.query(
    `SELECT d.id, d.user_id AS "userId", d.clinic_id AS "clinicId", s.id AS "serviceId" FROM doctor d
     JOIN user_account u ON u.id = d.user_id JOIN service s ON s.clinic_id = d.clinic_id
     WHERE u.email_index = $1 LIMIT 1`,
    [await emailIndex(app, 'doctor@careslot.test')],
  );
  const [{ id: doctorId, userId, clinicId, serviceId }] = rows;
  const desk = await findUserId(app, 'staff@careslot.test');
  [owner, stranger] = (await app.patients(2)) as [Person, Person];
  doctor = app.tokenFor({ userId, role: 'DOCTOR', doctorId, clinicIds: [clinicId] });
  const { rows: colleagues } = await app.db.query(`SELECT id FROM doctor WHERE id <> $1 AND clinic_id = $2`, [
    doctorId,
    clinicId,
  ]);
  otherDoctor = app.tokenFor({ userId, role: 'DOCTOR', doctorId: colleagues[0].id, clinicIds: [clinicId] });
  staff = app.tokenFor({ userId: desk, role: 'STAFF', clinicIds: [clinicId] });
  await app.db.query(`INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now())`, [
    owner.clientId,
    clinicId,
  ]);
  await app.db.query(
    `INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, start_at, end_at, status, price_minor, currency)
     VALUES ($1, $2, $3, $4, $5, now() + interval '9 days', now() + interval '10 days', 'CONFIRMED', 0, 'EGP')`,
    [newId(), clinicId, owner.clientId, doctorId, serviceId],
  );
});

afterAll(async () => {
  await app.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(() => {
  studies += 1;
  study = `1.2.3.${studies}`;
});

afterEach(async () => {
  await app.db.query('UPDATE scan SET deleted_at = now() WHERE deleted_at IS NULL');
  await app.db.query('UPDATE scan_set SET deleted_at = now() WHERE deleted_at IS NULL');
});

/** A slice at `place` millimetres, with the number `place`. */
function slice(place: number, options: SliceOptions = {}): Buffer {
  const { series = `${study}.1`, patientId = 'MRN-1', value = 40, compressed } = options;
  const uid = options.uid ?? `${series}.${place}`;
  return dicom({
    rows: SIDE,
    columns: SIDE,
    values: new Int16Array(SIDE * SIDE).fill(value),
    metaSopInstanceUid: uid,
    ...(compressed && { syntax: JPEG_BASELINE }),
    extra: {
      '00080018': element('UI', uid),
      '00100020': element('LO', patientId),
      '0020000D': element('UI', options.study ?? study),
      '0020000E': element('UI', series),
      '00200011': element('IS', series.endsWith('.2') ? '2' : '1'),
      '00200013': element('IS', String(place)),
      '00200032': element('DS', '-12.5', '0', String(place)),
      '00200037': element('DS', '0.6', '0.8', '0', '-0.8', '0.6', '0'),
      ...(compressed && { '7FE00010': { vr: 'OB', Value: [new Uint8Array(64).buffer] } }),
    },
  });
}

async function send(
  files: readonly (Buffer | [Buffer, string])[],
  { token = owner.token, fields = {}, headers = {}, url = app.url }: SendOptions = {},
): Promise<Answer> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const file of files) {
    const [bytes, name] = Array.isArray(file) ? file : [file, 'IM0001'];
    form.append('files', new Blob([new Uint8Array(bytes)]), name);
  }
  return app.call('POST', url + PATH, { token, form, headers });
}

interface SendOptions {
  token?: string;
  fields?: Record<string, string>;
  headers?: Record<string, string>;
  /** The application that gets the request, if not the first one. */
  url?: string;
}

const created = async (files: readonly Buffer[], options?: SendOptions): Promise<any> => {
  const { status, data } = await send(files, options);
  expect(status).toBe(201);
  return data;
};

const get = (path: string, token = owner.token): Promise<Answer> => app.call('GET', path, { token });
const stored = async (): Promise<string[]> => (await readdir(join(folder, 'scans')).catch(() => [])).sort();
const inProgress = (): Promise<string[]> => readdir(join(folder, 'incoming')).catch(() => []);

describe('the upload of a study', () => {
  it('makes one set with its series in order, its gaps and its spacing', async () => {
    const second = { series: `${study}.2` };
    const files = [slice(20), slice(10), slice(40), slice(15), slice(7, second), slice(5, second)];
    const set = await created(files, { fields: { kind: 'CT', takenAt: '2026-01-02' } });
    expect(set).toMatchObject({
      clientId: owner.clientId,
      ...{ kind: 'CT', studyInstanceUid: study, modalities: ['CT'], imageCount: 6 },
      ...{ patientMismatch: 'MISMATCH', analysisStatus: null },
      bytes: files.reduce((sum, { length }) => sum + length, 0),
    });
    const { data: images } = await get(`/api/v1/scans?scanSetId=${set.id}&limit=100`);
    const places = new Map(images.map((image: any) => [image.id, image.dicom.position[2]]));
    const [first, other] = set.series;
    expect(first).toMatchObject({ seriesNumber: 1, modality: 'CT', orderedBy: 'POSITION', spacing: 5 });
    expect(first.scanIds.map((id: string) => places.get(id))).toEqual([10, 15, 20, 40]);
    expect(first.missing).toEqual([{ afterScanId: first.scanIds[2], count: 3 }]);
    expect(other).toMatchObject({ seriesNumber: 2, missing: [] });
    expect(other.scanIds.map((id: string) => places.get(id))).toEqual([5, 7]);
    expect((await get(`${PATH}/${set.id}`)).data).toEqual(set);
    expect((await get(PATH)).data).toMatchObject([{ id: set.id, imageCount: 6 }]);
    expect((await get('/api/v1/scans')).data).toEqual([]);
    expect(await inProgress()).toEqual([]);
  });

  it('serves the images as scans, with de-identified copies of one study', async () => {
    const set = await created([slice(1), slice(2)]);
    const { data: images } = await get(`/api/v1/scans?scanSetId=${set.id}`);
    const copies = await Promise.all(
      images.map(async ({ deidentifiedUrl }: any) => parsed((await download(app.url + deidentifiedUrl)).bytes).dict),
    );
    const uids = (tag: string): Set<string> => new Set(copies.map((copy) => copy[tag].Value[0]));
    expect(uids('0020000D').size).toBe(1);
    expect([...uids('0020000D')][0]).toMatch(/^2\.25\./);
    expect([uids('0020000E').size, uids('00080018').size]).toEqual([1, 2]);
  });

  it('adds further images to the set; the same ones change nothing, and other content is refused', async () => {
    const set = await created([slice(1), slice(2)]);
    const more = await created([slice(2), slice(3), slice(3)]);
    expect(more).toMatchObject({ id: set.id, imageCount: 3 });
    const files = await stored();
    expect(await created([slice(1), slice(2), slice(3)])).toEqual(more);
    const refused = await send([slice(4), slice(2, { value: 41 })]);
    expect(refused).toMatchObject({ status: 422, code: 'UNPROCESSABLE_FILE' });
    expect(refused.body.error.details).toMatchObject({ reason: 'DUPLICATE_INSTANCE' });
    expect(await stored()).toEqual(files);
    expect((await get(`${PATH}/${set.id}`)).data).toEqual(more);
  });

  it('ignores the directory of a CD', async () => {
    const set = await send([[Buffer.from('no image'), 'DICOMDIR'], slice(1)]);
    expect(set).toMatchObject({ status: 201, data: { imageCount: 1 } });
  });

  it.each<[string, () => (Buffer | [Buffer, string])[], number, object]>([
    [
      'files of two patients',
      () => [slice(1), slice(2), slice(3, { patientId: 'MRN-2' })],
      422,
      { reason: 'MIXED_PATIENTS', file: 3 },
    ],
    [
      'files of two studies',
      () => [slice(1), slice(2, { study: `${study}.7` })],
      422,
      { reason: 'MIXED_STUDIES', file: 2 },
    ],
    [
      'two contents of one instance',
      () => [slice(1), slice(1, { value: 1 })],
      422,
      { reason: 'DUPLICATE_INSTANCE', file: 2 },
    ],
    ['a damaged file', () => [slice(1), slice(2).subarray(0, 700)], 422, { reason: 'BROKEN', file: 2 }],
    ['only a directory', () => [[Buffer.from('x'), 'DICOMDIR']], 422, { reason: 'NO_IMAGES' }],
  ])('with %s changes nothing', async (_, files, status, details) => {
    const before = await stored();
    const refused = await send(files());
    expect([refused.status, refused.body.error.details]).toEqual([status, details]);
    expect(await stored()).toEqual(before);
    expect(await inProgress()).toEqual([]);
    expect((await get(PATH)).data).toEqual([]);
  });

  it('with another image than DICOM changes nothing', async () => {
    const refused = await send([slice(1), [await png(), 'x.png']]);
    expect(refused).toMatchObject({ status: 422, body: { error: { details: { reason: 'NOT_DICOM', file: 2 } } } });
    expect((await send([slice(1), [Buffer.from('<html>'), 'x']])).status).toBe(415);
    expect((await send([])).status).toBe(400);
    expect((await upload(app, { token: owner.token, bytes: slice(1), fields: { files: 'x' } })).status).toBe(400);
    expect((await get(PATH)).data).toEqual([]);
  });

  it('has at most the configured number of images, in one upload and altogether', async () => {
    const many = Array.from({ length: MAX_IMAGES }, (_, n) => slice(n));
    expect(await send([...many, slice(90)])).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
    await created(many);
    const refused = await send([slice(91)]);
    expect(refused).toMatchObject({ status: 413, body: { error: { details: { reason: 'SET_SIZE' } } } });
  });

  it('counts as one scan of the quota', async () => {
    for (const _ of [1, 2]) expect((await upload(app, { token: owner.token, bytes: await png() })).status).toBe(201);
    await created([slice(1), slice(2), slice(3)]);
    await created([slice(4)]);
    expect(await send([slice(1, { study: `${study}.9`, series: `${study}.9.1` })])).toMatchObject({
      status: 413,
      body: { error: { details: { reason: 'QUOTA' } } },
    });
  });

  it('of concurrent requests makes one set', async () => {
    const answers = await Promise.all([[slice(1)], [slice(1), slice(2)], [slice(3)]].map((files) => send(files)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ data }) => data.id)).size).toBe(1);
    expect((await get(`${PATH}/${answers[0]?.data.id}`)).data.imageCount).toBe(3);
  });

  it('is repeated by its Idempotency-Key, and refused with other files', async () => {
    const headers = { 'idempotency-key': newId() };
    const first = await send([slice(1), slice(2)], { headers });
    const again = await send([slice(1), slice(2)], { headers });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.data).toEqual(first.data);
    expect(await send([slice(1), slice(3)], { headers })).toMatchObject({
      status: 422,
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
  });
});

describe('a set', () => {
  it('is seen by its patient and their doctor only; the front desk uploads it without seeing what is in it', async () => {
    const answer = await send([slice(1)], { token: staff, fields: { clientId: owner.clientId } });
    expect(answer).toMatchObject({
      status: 201,
      data: { imageCount: 1, studyInstanceUid: null, modalities: [], series: [] },
    });
    const set = `${PATH}/${answer.data.id}`;
    const statuses = async (token: string): Promise<number[]> => [
      (await get(PATH, token)).status,
      (await get(set, token)).status,
      (await app.call('POST', `${set}/analysis`, { token })).status,
    ];
    expect(await statuses(owner.token)).toEqual([200, 200, 202]);
    expect(await statuses(doctor)).toEqual([200, 200, 202]);
    expect(await statuses(otherDoctor)).toEqual([200, 404, 404]);
    expect(await statuses(stranger.token)).toEqual([200, 404, 404]);
    expect(await statuses(staff)).toEqual([403, 403, 403]);
    expect((await get(PATH, otherDoctor)).data).toEqual([]);
    expect((await get(`${PATH}?clientId=${owner.clientId}`, doctor)).data).toHaveLength(1);
    expect((await send([slice(1)], { token: otherDoctor, fields: { clientId: owner.clientId } })).status).toBe(404);
    const { rows } = await app.db.query(
      `SELECT DISTINCT action, actor_role AS role FROM audit_log WHERE object_type = 'scan_set' AND object_id = $1 ORDER BY 1, 2`,
      [answer.data.id],
    );
    expect(rows).toEqual([
      { action: 'scan_set.analysis-requested', role: 'CLIENT' },
      { action: 'scan_set.read', role: 'CLIENT' },
      { action: 'scan_set.read', role: 'DOCTOR' },
      { action: 'scan_set.uploaded', role: 'STAFF' },
    ]);
  });

  it('is deleted with its images and files, which cannot be deleted alone', async () => {
    const set = await created([slice(1), slice(2)]);
    const [scanId] = set.series[0].scanIds;
    expect(await app.call('DELETE', `/api/v1/scans/${scanId}`, { token: owner.token })).toMatchObject({
      status: 409,
      code: 'IN_USE',
    });
    expect((await app.call('DELETE', `${PATH}/${set.id}`, { token: doctor })).status).toBe(403);
    expect((await app.call('DELETE', `${PATH}/${set.id}`, { token: owner.token })).status).toBe(200);
    for (const path of [`${PATH}/${set.id}`, `/api/v1/scans/${scanId}`]) expect((await get(path)).status).toBe(404);
    const files = await stored();
    for (const id of set.series[0].scanIds) expect(files).not.toContain(id);
    expect((await created([slice(1)])).id).not.toBe(set.id);
  });

  it('is deleted without waiting for a storage that fails once for each image', async () => {
    const set = await created(Array.from({ length: MAX_IMAGES }, (_, n) => slice(n)));
    const ids = (set.series[0].scanIds as string[]).toSorted();
    const [last, ...others] = ids.toReversed() as [string, ...string[]];
    // Of the files with these names, none can be deleted: a folder has the name.
    const blocked = others.map((id) => join(folder, 'scans', id, 'original'));
    for (const path of blocked) await mkdir(path);
    expect((await app.call('DELETE', `${PATH}/${set.id}`, { token: owner.token })).status).toBe(200);
    // The files of the last image could be deleted, but after the failures nobody tries.
    expect(await stored()).toEqual(expect.arrayContaining(ids));
    for (const path of blocked) await rmdir(path);
    await app.app.get(ScanSweep).sweep();
    const files = await stored();
    for (const id of [last, ...others]) expect(files).not.toContain(id);
  });
});

describe('the analysis of a set', () => {
  const scoreOf = (mean: number): number => 1 / (1 + Math.exp(-(MEAN_WEIGHT * mean + MEAN_BIAS)));

  async function analysed(setId: string): Promise<any> {
    const path = `${PATH}/${setId}/analysis`;
    const asked = await app.call('POST', path, { token: owner.token });
    expect(asked).toMatchObject({ status: 202, data: { status: 'QUEUED', scanSetId: setId, resultScanId: null } });
    await app.app.get(AnalysisRunner).run(asked.data.id);
    return (await get(path)).data;
  }

  it('sends all images to the model in order; the result is that of the highest score, which a doctor signs', async () => {
    const values = [-1000, 40, 1000, 100];
    const set = await created(values.map((value, n) => slice(n, { value })).reverse());
    const before = server.inputs.length;
    const draft = await analysed(set.id);
    expect(draft).toMatchObject({
      status: 'DRAFT',
      source: 'MODEL',
      model: { id: 'mean', version: '1', protocol: 'kserve' },
      images: 4,
      resultScanId: set.series[0].scanIds[2],
    });
    expect(draft.score).toBeCloseTo(scoreOf(1), 3);
    expect(draft.inputSha256).toMatch(/^[0-9a-f]{64}$/);
    const inputs = server.inputs.slice(before);
    expect(inputs.reduce((sum, { shape }) => sum + (shape[0] as number), 0)).toBe(4);
    const means = inputs.flatMap(({ shape, data }) =>
      Array.from({ length: shape[0] as number }, (_, n) => data[n * 3 * SIDE * SIDE] as number),
    );
    [0, 128 / 255, 1].forEach((mean, n) => expect(means[n]).toBeCloseTo(mean, 2));
    expect((await get(PATH)).data).toMatchObject([{ id: set.id, analysisStatus: 'DRAFT' }]);
    const sign = `${PATH}/${set.id}/analysis/sign`;
    expect((await app.call('POST', sign, { token: owner.token })).status).toBe(403);
    const body = { analysisId: draft.id };
    expect((await app.call('POST', sign, { token: doctor, body })).data).toMatchObject({
      status: 'SIGNED',
      id: draft.id,
    });
    expect(await app.call('POST', sign, { token: doctor, body })).toMatchObject({ code: 'INVALID_TRANSITION' });
    const { rows } = await app.db.query(
      `SELECT payload FROM outbox WHERE event = 'scan-set:analyzed' AND payload ->> 'scanSetId' = $1 ORDER BY id`,
      [set.id],
    );
    const payload = { scanSetId: set.id, clientId: owner.clientId };
    expect(rows.map((row: any) => row.payload)).toEqual([
      { ...payload, status: 'DRAFT' },
      { ...payload, status: 'SIGNED' },
    ]);
  });

  it('is not signed if images were added since', async () => {
    const set = await created([slice(1)]);
    const draft = await analysed(set.id);
    await created([slice(2)]);
    const sign = (analysisId: string): Promise<Answer> =>
      app.call('POST', `${PATH}/${set.id}/analysis/sign`, { token: doctor, body: { analysisId } });
    expect(await sign(draft.id)).toMatchObject({
      code: 'INVALID_TRANSITION',
      body: { error: { details: { reason: 'SET_CHANGED' } } },
    });
    expect((await get(`${PATH}/${set.id}/analysis`)).data).toEqual(draft);
    expect((await sign((await analysed(set.id)).id)).data.status).toBe('SIGNED');
  });

  it('is exported once, also if there are many', async () => {
    const [person] = (await app.patients(1)) as [Person];
    const set = await created([slice(1)], { token: person.token });
    const scan = set.series[0].scanIds[0];
    await app.db.query(
      `INSERT INTO scan_analysis (id, scan_id, scan_set_id, state, reason, requested_by)
       SELECT gen_random_uuid(), CASE WHEN n > 1 THEN $1::uuid END, CASE WHEN n = 1 THEN $2::uuid END, 'FAILED', 'TIMEOUT', $3
       FROM generate_series(1, 402) n`,
      [scan, set.id, person.userId],
    );
    const table = EXPORTED_TABLES.find(({ file }) => file === 'scan-analyses') as ExportedTable;
    const ids: unknown[] = [];
    for await (const { id } of app.app.get(ExportRepository).rows(table, person)) if (ids.push(id) > 500) break;
    expect([ids.length, new Set(ids).size]).toEqual([402, 402]);
  });

  it('of more images than the limit sends some at equal distances, with the first and the last', async () => {
    const set = await created(
      Array.from({ length: MAX_IMAGES }, (_, n) => slice(n, { value: n === 11 ? 1000 : -1000 })),
    );
    expect(await analysed(set.id)).toMatchObject({ images: 10, resultScanId: set.series[0].scanIds[11] });
  });

  it('leaves out images without usable pixels, and has no finding if there is no other', async () => {
    const compressed = slice(2, { compressed: true });
    const set = await created([slice(1, { value: 1000 }), compressed]);
    expect(await analysed(set.id)).toMatchObject({ status: 'DRAFT', images: 1 });
    await app.call('DELETE', `${PATH}/${set.id}`, { token: owner.token });
    expect(await analysed((await created([compressed])).id)).toMatchObject({
      status: 'NOT_AVAILABLE',
      source: 'FALLBACK',
      reason: 'COMPRESSED_TRANSFER_SYNTAX',
      score: null,
    });
  });

  it('has no result if the model fails for one image, and none after the set is deleted', async () => {
    const set = await created([slice(1), slice(2)]);
    server.setReady('mean', false);
    expect(await analysed(set.id)).toMatchObject({
      status: 'FAILED',
      reason: 'UPSTREAM_ERROR',
      label: null,
      score: null,
    });
    server.setReady('mean', true);
    const asked = await app.call('POST', `${PATH}/${set.id}/analysis`, { token: owner.token });
    await app.call('DELETE', `${PATH}/${set.id}`, { token: owner.token });
    await app.app.get(AnalysisRunner).run(asked.data.id);
    const { rows } = await app.db.query('SELECT state, reason FROM scan_analysis WHERE id = $1', [asked.data.id]);
    expect(rows).toEqual([{ state: 'FAILED', reason: 'SCAN_DELETED' }]);
  });

  it('has no result if the set is deleted while the model answers', async () => {
    const set = await created([slice(1), slice(2)]);
    const asked = await app.call('POST', `${PATH}/${set.id}/analysis`, { token: owner.token });
    let open!: () => void;
    server.gate = new Promise((resolve) => (open = resolve));
    const before = server.requests.length;
    const running = app.app.get(AnalysisRunner).run(asked.data.id);
    await eventually(async () => expect(server.requests.slice(before).join()).toContain('/infer'));
    expect((await app.call('DELETE', `${PATH}/${set.id}`, { token: owner.token })).status).toBe(200);
    open();
    server.gate = null;
    await running;
    const { rows } = await app.db.query('SELECT state, reason, label, score FROM scan_analysis WHERE id = $1', [
      asked.data.id,
    ]);
    expect(rows).toEqual([{ state: 'FAILED', reason: 'SCAN_DELETED', label: null, score: null }]);
  });

  it('of a single scan is the answer of the model for its pixels', async () => {
    const scan = (await upload(app, { token: owner.token, bytes: slice(1, { value: 1000 }), name: 'x.dcm' })).data;
    const path = `/api/v1/scans/${scan.id}/analysis`;
    const asked = await app.call('POST', path, { token: owner.token });
    await app.app.get(AnalysisRunner).run(asked.data.id);
    const { data } = await get(path);
    expect(data).toMatchObject({ status: 'DRAFT', scanId: scan.id, label: null });
    expect(data.score).toBeCloseTo(scoreOf(1), 3);
  });
});

describe('while a study is uploaded', () => {
  const liveImagesOfDeletedSets = async (): Promise<unknown[]> => {
    const { rows } = await app.db.query(
      `SELECT s.id FROM scan s JOIN scan_set t ON t.id = s.scan_set_id
       WHERE s.deleted_at IS NULL AND (t.deleted_at IS NOT NULL OR t.client_id <> s.client_id)`,
    );
    return rows;
  };

  it('a set that is deleted keeps no image', async () => {
    const set = await created([slice(1)]);
    const release = await lockTable(app.db, 'audit_log');
    const adding = send([slice(2)]);
    await eventually(async () => expect(await countLockWaits(app.db)).toBe(1));
    const deleting = app.call('DELETE', `${PATH}/${set.id}`, { token: owner.token });
    await eventually(async () => expect(await countLockWaits(app.db)).toBe(2));
    await release();
    expect([(await adding).status, (await deleting).status]).toEqual([201, 200]);
    expect(await liveImagesOfDeletedSets()).toEqual([]);
  });

  it('a storage that fails in the middle keeps nothing, and the request can be repeated', async () => {
    const bucket = await FaultyBucket.start(join(folder, 's3'));
    const other = await secondApp(app, { STORAGE_DIR: folder, ...SETTINGS, ...bucket.environment });
    try {
      const files = [slice(1), slice(2), slice(3)];
      const options = { headers: { 'idempotency-key': newId() }, url: other.url };
      const keys = new Set<string>();
      bucket.refuses = ({ method, key }) => method === 'PUT' && keys.add(key).size >= 7 && [...keys].indexOf(key) === 6;
      const failed = await send(files, options);
      expect(failed.status).toBe(503);
      expect(keys.size).toBeGreaterThanOrEqual(7);
      expect(await readdir(join(folder, 's3/scans'))).toEqual([]);
      expect(await inProgress()).toEqual([]);
      expect((await get(PATH)).data).toEqual([]);
      bucket.refuses = () => false;
      expect((await created(files, options)).imageCount).toBe(3);
    } finally {
      await other.close();
      await bucket.close();
    }
  });

  it('a person who is erased gets no further image', async () => {
    const [person] = (await app.patients(1)) as [Person];
    const files = await stored();
    const adding = await inTransaction(app.db, async (transaction) => {
      // As an erasure does.
      await transaction.query('SELECT FROM user_account WHERE id = $1 FOR UPDATE', [person.userId]);
      await transaction.query('UPDATE user_account SET deleted_at = now() WHERE id = $1', [person.userId]);
      const sent = send([slice(1)], { token: person.token });
      await eventually(async () => expect(await countLockWaits(app.db)).toBe(1));
      await transaction.query('COMMIT');
      return sent;
    });
    expect(adding.status).toBe(404);
    expect(await stored()).toEqual(files);
    const { rows } = await app.db.query('SELECT id FROM scan_set WHERE client_id = $1', [person.clientId]);
    expect(rows).toEqual([]);
  });
});

describe('a set after a merge of patient records that is undone', () => {
  it('goes back with the images that were added in the meantime', async () => {
    const [kept, duplicate] = (await app.patients(2)) as [Person, Person];
    await app.db.query(
      `INSERT INTO client_clinic (client_id, clinic_id, registered_at)
       SELECT c.id, k.clinic_id, now() FROM client c, client_clinic k WHERE c.id = ANY ($1::uuid[]) AND k.client_id = $2`,
      [[kept.clientId, duplicate.clientId], owner.clientId],
    );
    const set = await created([slice(1)], { token: duplicate.token });
    const path = `/api/v1/clients/${kept.clientId}`;
    const body = { duplicateId: duplicate.clientId };
    expect(await app.call('POST', `${path}/merge`, { token: staff, body })).toMatchObject({ status: 200 });
    const more = await created([slice(2)], { token: staff, fields: { clientId: kept.clientId } });
    expect(more).toMatchObject({ id: set.id, imageCount: 2 });
    expect(await app.call('POST', `${path}/unmerge`, { token: staff, body })).toMatchObject({ status: 200 });
    const { rows } = await app.db.query('SELECT DISTINCT client_id AS "clientId" FROM scan WHERE scan_set_id = $1', [
      set.id,
    ]);
    expect(rows).toEqual([{ clientId: duplicate.clientId }]);
  });
});

describe('a set that is uploaded again', () => {
  afterEach(() => setQuota('0'));

  /** Other images of the patient take as much space. */
  const setQuota = (bytes: string): Promise<unknown> =>
    app.db.query(`UPDATE scan SET total_bytes = $1 WHERE client_id = $2 AND deleted_at IS NULL`, [
      bytes,
      owner.clientId,
    ]);

  it('changes nothing if the space of the patient is used up', async () => {
    const files = [slice(1), slice(2)];
    const set = await created(files);
    await setQuota(String(1024 ** 3));
    expect(await created(files)).toEqual(set);
    expect((await send([...files, slice(3)])).body.error.details).toMatchObject({ reason: 'QUOTA' });
  });
});

describe('a set with images of several people', () => {
  it('is not deleted by a doctor who uploaded only some of them', async () => {
    const set = await created([slice(1)], { token: doctor, fields: { clientId: owner.clientId } });
    await created([slice(2)]);
    expect((await app.call('DELETE', `${PATH}/${set.id}`, { token: doctor })).status).toBe(403);
    expect((await app.call('DELETE', `${PATH}/${set.id}`, { token: owner.token })).status).toBe(200);
  });

  it('of one study of two patients is a set of each', async () => {
    const [set, other] = [await created([slice(1)]), await created([slice(1), slice(2)], { token: stranger.token })];
    expect(other).toMatchObject({ clientId: stranger.clientId, imageCount: 2 });
    expect(other.id).not.toBe(set.id);
    expect((await get(`${PATH}/${set.id}`)).data.imageCount).toBe(1);
    expect((await get(`/api/v1/scans?scanSetId=${other.id}`)).data).toEqual([]);
  });
});
