import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { AnalysisRunner } from '../../src/modules/scans/analysis/analysis-runner.js';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer } from '../support/app.js';
import { dicom, JPEG_BASELINE, SECRET } from '../support/dicom-files.js';
import { FakeModelServer } from '../support/fake-model-server.js';
import { jpegWithMetadata, png } from '../support/pictures.js';
import { download, upload } from '../support/uploads.js';
import { emailIndex } from '../support/encrypted.js';

interface Stage {
  app: TestApp;
  folder: string;
  token: string;
  clientId: string;
}

async function start(env: Record<string, string>): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'careslot-analysis-'));
  // The test runs the jobs itself, so that it knows when they are done.
  const app = await TestApp.start({ STORAGE_DIR: folder, JOBS_IN_PROCESS: 'false', ...env });
  const [patient] = await app.patients(1);
  return { app, folder, token: patient?.token as string, clientId: patient?.clientId as string };
}

async function stop({ app, folder }: Stage): Promise<void> {
  await app.close();
  await rm(folder, { recursive: true, force: true });
}

/** Uploads an image, requests its analysis, runs it, and returns the result. */
async function analysed({ app, token }: Stage, bytes: Buffer, name: string): Promise<any> {
  const scan = (await upload(app, { token, bytes, name })).data;
  const path = `/api/v1/scans/${scan.id}/analysis`;
  const asked = await app.call('POST', path, { token });
  expect(asked).toMatchObject({ status: 202, data: { status: 'QUEUED', analysis: 'PENDING', label: null } });
  await app.app.get(AnalysisRunner).run(asked.data.id);
  return (await app.call('GET', path, { token })).data;
}

const NO_FINDING = {
  source: 'FALLBACK',
  analysis: 'NOT_AVAILABLE',
  model: null,
  label: null,
  score: null,
  summary: null,
};

describe('without a model', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await start({});
  });
  afterAll(() => stop(stage));

  it('the result is NOT_AVAILABLE, with the quality of the image', async () => {
    expect(await analysed(stage, await png(), 'x.png')).toMatchObject({
      ...NO_FINDING,
      status: 'NOT_AVAILABLE',
      reason: 'NO_MODEL',
      requiresClinicianReview: true,
      quality: { blank: false },
    });
    const { rows } = await stage.app.db.query(`SELECT payload FROM outbox WHERE event = 'scan:analyzed'`);
    expect(rows).toEqual([
      { payload: { scanId: expect.any(String), status: 'NOT_AVAILABLE', clientId: stage.clientId } },
    ]);
  });

  it('concurrent requests get the same analysis, and users without access to the scan get 404', async () => {
    const { app, token } = stage;
    const scan = (await upload(app, { token, bytes: await png() })).data;
    const path = `/api/v1/scans/${scan.id}/analysis`;
    expect((await app.call('GET', path, { token })).status).toBe(404);
    const asks = await Promise.all(Array.from({ length: 10 }, () => app.call('POST', path, { token })));
    expect(new Set(asks.map(({ data }) => data.id)).size).toBe(1);
    const [other] = await app.patients(1);
    for (const method of ['GET', 'POST'])
      expect((await app.call(method, path, { token: other?.token })).status).toBe(404);
    await Promise.all(Array.from({ length: 5 }, () => app.app.get(AnalysisRunner).run(asks[0]?.data.id)));
    const { rows } = await app.db.query(`SELECT attempts FROM scan_analysis WHERE scan_id = $1`, [scan.id]);
    expect(rows).toEqual([{ attempts: 1 }]);
  });

  it('an analysis of a killed process is run again when its lease has expired, not before', async () => {
    const { app, token } = stage;
    const scan = (await upload(app, { token, bytes: await png() })).data;
    const asked = (await app.call('POST', `/api/v1/scans/${scan.id}/analysis`, { token })).data;
    await app.db.query(
      `UPDATE scan_analysis SET state = 'RUNNING', attempts = 1, lease_until = now() + interval '1 minute' WHERE id = $1`,
      [asked.id],
    );
    await app.app.get(AnalysisRunner).run(asked.id);
    const state = async (): Promise<string> =>
      (await app.db.query(`SELECT state FROM scan_analysis WHERE id = $1`, [asked.id])).rows[0].state;
    expect(await state()).toBe('RUNNING');
    await app.db.query(`UPDATE scan_analysis SET lease_until = now() - interval '1 second' WHERE id = $1`, [asked.id]);
    await app.app.get(AnalysisRunner).run(asked.id);
    expect(await state()).toBe('NOT_AVAILABLE');
  });

  it('the analysis of a deleted scan fails', async () => {
    const { app, token } = stage;
    const scan = (await upload(app, { token, bytes: await png() })).data;
    const asked = (await app.call('POST', `/api/v1/scans/${scan.id}/analysis`, { token })).data;
    await app.call('DELETE', `/api/v1/scans/${scan.id}`, { token });
    await app.app.get(AnalysisRunner).run(asked.id);
    const { rows } = await app.db.query(`SELECT state, reason FROM scan_analysis WHERE id = $1`, [asked.id]);
    expect(rows).toEqual([{ state: 'FAILED', reason: 'SCAN_DELETED' }]);
  });
});

describe.each([
  ['kserve', 'stroke-ct', '3', '/v2/models/stroke-ct/versions/3/infer'],
  ['openai', 'vision-1', '7', '/v1/chat/completions'],
])('with a model of the protocol %s', (protocol, name, version, path) => {
  let stage: Stage;
  let model: FakeModelServer;

  const startWithModel = async (): Promise<void> => {
    model = await FakeModelServer.start();
    stage = await start({
      SCAN_MODEL_PROTOCOL: protocol,
      SCAN_MODEL_URL: model.url,
      SCAN_MODEL_NAME: name,
      SCAN_MODEL_VERSION: version,
      SCAN_MODEL_API_KEY: 'a-key-of-the-test',
      SCAN_MODEL_TIMEOUT_SECONDS: '1',
    });
  };
  const end = async (): Promise<void> => {
    await stop(stage);
    await model.close();
  };

  const sentPicture = (): Buffer => {
    const { body } = model.asked.at(-1) as { body: any };
    const data: string =
      protocol === 'kserve' ? body.inputs[0].data[0] : body.messages[1].content[1].image_url.url.split(',')[1];
    return Buffer.from(data, 'base64');
  };

  describe('that works', () => {
    beforeAll(startWithModel);
    afterAll(end);

    it('the result is a draft with its source, until a doctor signs it', async () => {
      const draft = await analysed(stage, await jpegWithMetadata(SECRET), 'x.jpg');
      expect(draft).toMatchObject({
        status: 'DRAFT',
        source: 'MODEL',
        analysis: 'AVAILABLE',
        model: { id: name, version, protocol },
        label: 'hyperdensity',
        score: 0.87,
        confidence: 0.87,
        requiresClinicianReview: true,
        signedBy: null,
      });
      expect(draft.inputSha256).toMatch(/^[0-9a-f]{64}$/);
      const { app, token, clientId } = stage;
      const sign = `/api/v1/scans/${draft.scanId}/analysis/sign`;
      expect((await app.call('POST', sign, { token })).status).toBe(403);
      const doctor = await bookTreatingDoctor(app, clientId);
      expect((await app.call('POST', sign, { token: doctor.token })).data).toMatchObject({
        status: 'SIGNED',
        signedBy: doctor.userId,
      });
      expect(await app.call('POST', sign, { token: doctor.token })).toMatchObject({
        status: 409,
        code: 'INVALID_TRANSITION',
      });
    });

    it('a doctor does not sign a newer draft that they have not read', async () => {
      const read = await analysed(stage, await png(), 'x.png');
      const { app, token, clientId } = stage;
      const path = `/api/v1/scans/${read.scanId}/analysis`;
      const newer = (await app.call('POST', path, { token })).data;
      await app.app.get(AnalysisRunner).run(newer.id);
      const doctor = await bookTreatingDoctor(app, clientId);
      const sign = (analysisId: string): Promise<Answer> =>
        app.call('POST', `${path}/sign`, { token: doctor.token, body: { analysisId } });
      expect(await sign(read.id)).toMatchObject({
        status: 409,
        code: 'INVALID_TRANSITION',
        body: { error: { details: { reason: 'NOT_LATEST' } } },
      });
      expect((await sign(newer.id.toUpperCase())).data).toMatchObject({ id: newer.id, status: 'SIGNED' });
    });

    it('receives only pixels, without metadata and names', async () => {
      for (const [bytes, file] of [
        [await jpegWithMetadata(SECRET), 'CANARY.jpg'],
        [dicom(), 'CANARY.dcm'],
      ] as const) {
        await analysed(stage, bytes, file);
        const { path: asked, headers, body } = model.asked.at(-1) as (typeof model.asked)[number];
        expect(asked).toBe(path);
        expect(headers.authorization).toBe('Bearer a-key-of-the-test');
        expect(JSON.stringify(body)).not.toMatch(/CANARY|MRN/);
        const picture = sentPicture();
        expect(picture.includes('CANARY')).toBe(false);
        const metadata = await sharp(picture).metadata();
        expect(metadata).toMatchObject({ format: 'png' });
        expect(metadata.exif).toBeUndefined();
      }
    });

    it('is not called for pixels that the server cannot decode', async () => {
      const before = model.asked.length;
      const pixels = { '7FE00010': { vr: 'OB', Value: [new Uint8Array(64).buffer] } };
      const compressed = dicom({ syntax: JPEG_BASELINE, extra: pixels });
      const answer = await analysed(stage, compressed, 'x.dcm');
      expect(answer).toMatchObject({ ...NO_FINDING, reason: 'COMPRESSED_TRANSFER_SYNTAX', quality: null });
      expect(model.asked.length).toBe(before);
      const scan = (await stage.app.call('GET', `/api/v1/scans/${answer.scanId}`, { token: stage.token })).data;
      const placeholder = await download(stage.app.url + scan.thumbnailUrl);
      expect(placeholder.headers.get('content-type')).toBe('image/svg+xml');
      expect(placeholder.bytes.toString()).toContain('COMPRESSED_TRANSFER_SYNTAX');
    });
  });

  describe('that answers invalid JSON', () => {
    beforeAll(startWithModel);
    afterAll(end);

    it('the analysis fails without a finding', async () => {
      model.mood = 'babbles';
      expect(await analysed(stage, await png(), 'x.png')).toMatchObject({
        ...NO_FINDING,
        status: 'FAILED',
        reason: 'BAD_ANSWER',
        quality: { blank: false },
      });
    });
  });
});

describe('with a KServe model without the output label', () => {
  it('the result has a score and no label', async () => {
    const model = await FakeModelServer.start();
    const stage = await start({
      SCAN_MODEL_PROTOCOL: 'kserve',
      SCAN_MODEL_URL: model.url,
      SCAN_MODEL_NAME: 'stroke-ct',
    });
    try {
      model.mood = 'no label';
      expect(await analysed(stage, await png(), 'x.png')).toMatchObject({ status: 'DRAFT', score: 0.87, label: null });
    } finally {
      await stop(stage);
      await model.close();
    }
  });
});

async function bookTreatingDoctor(app: TestApp, clientId: string): Promise<{ token: string; userId: string }> {
  const { rows } = await app.db.query(
    `SELECT d.id AS "doctorId", d.user_id AS "userId", d.clinic_id AS "clinicId", s.id AS "serviceId" FROM doctor d
     JOIN user_account u ON u.id = d.user_id JOIN service s ON s.clinic_id = d.clinic_id
     WHERE u.email_index = $1 LIMIT 1`,
    [await emailIndex(app, 'doctor@careslot.test')],
  );
  const [{ doctorId, userId, clinicId, serviceId }] = rows;
  await app.db.query(
    `INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, start_at, end_at, status, price_minor, currency)
     VALUES ($1, $2, $3, $4, $5, now() + interval '9 days', now() + interval '10 days', 'CONFIRMED', 0, 'EGP')`,
    [newId(), clinicId, clientId, doctorId, serviceId],
  );
  return { userId, token: app.tokenFor({ userId, role: 'DOCTOR', doctorId, clinicIds: [clinicId] }) };
}
