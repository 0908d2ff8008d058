import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp } from '../support/app.js';
import { dicom } from '../support/dicom-files.js';
import { png } from '../support/pictures.js';
import { download, upload } from '../support/uploads.js';
import { emailIndex, findUserId } from '../support/encrypted.js';

interface Person {
  token: string;
  userId: string;
  clientId: string;
}

let app: TestApp;
let folder: string;
let owner: Person;
let stranger: Person;
let doctor: string;
let otherDoctor: string;
let staff: string;
let otherStaff: string;
let appointmentId: string;
let scan: any;
let now = Date.now();

const clock = { now: (): number => now };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-access-'));
  app = await TestApp.start({ STORAGE_DIR: folder, SCAN_CLIENT_MAX_COUNT: '12' }, undefined, clock);
  [owner, stranger] = (await app.patients(2)) as [Person, Person];
  const { rows } = await app.db.query(
    `SELECT d.id, d.user_id AS "userId", d.clinic_id AS "clinicId", s.id AS "serviceId" FROM doctor d
     JOIN user_account u ON u.id = d.user_id JOIN service s ON s.clinic_id = d.clinic_id
     WHERE u.email_index = $1 LIMIT 1`,
    [await emailIndex(app, 'doctor@careslot.test')],
  );
  const [{ id: doctorId, userId, clinicId, serviceId }] = rows;
  const desk = await findUserId(app, 'staff@careslot.test');
  doctor = app.tokenFor({ userId, role: 'DOCTOR', doctorId, clinicIds: [clinicId] });
  const colleague = (
    await app.db.query(`SELECT id FROM doctor WHERE id <> $1 AND clinic_id = $2`, [doctorId, clinicId])
  ).rows[0].id;
  otherDoctor = app.tokenFor({ userId, role: 'DOCTOR', doctorId: colleague, clinicIds: [clinicId] });
  staff = app.tokenFor({ userId: desk, role: 'STAFF', clinicIds: [clinicId] });
  otherStaff = await app.login('staff2@careslot.test');
  await app.db.query(`INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now())`, [
    owner.clientId,
    clinicId,
  ]);
  appointmentId = newId();
  await app.db.query(
    `INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, start_at, end_at, status, price_minor, currency)
     VALUES ($1, $2, $3, $4, $5, now() + interval '9 days', now() + interval '10 days', 'CONFIRMED', 0, 'EGP')`,
    [appointmentId, clinicId, owner.clientId, doctorId, serviceId],
  );
});

afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  await app.db.query(`UPDATE scan SET deleted_at = now() WHERE deleted_at IS NULL`);
  scan = (await upload(app, { token: owner.token, bytes: await png() })).data;
});

const path = (suffix = ''): string => `/api/v1/scans/${scan.id}${suffix}`;
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const status = async (method: string, token: string, suffix = ''): Promise<number> =>
  (await app.call(method, path(suffix), { token })).status;

describe('a scan', () => {
  const reads = ['', '/file', '/thumbnail'];

  it('is visible to its patient and to a doctor with an appointment of the patient (Z-02)', async () => {
    for (const token of [owner.token, doctor])
      for (const read of reads) expect(await status('GET', token, read)).toBe(200);
    for (const token of [stranger.token, otherDoctor])
      for (const read of reads) expect(await status('GET', token, read)).toBe(404);
    for (const read of reads) expect(await status('GET', staff, read)).toBe(403);
    for (const read of reads) expect((await app.call('GET', path(read))).status).toBe(401);
    const lists = await Promise.all(
      [owner.token, doctor, stranger.token, otherDoctor].map((token) => app.call('GET', '/api/v1/scans', { token })),
    );
    expect(lists.map(({ data }) => data.map(({ id }: any) => id))).toEqual([[scan.id], [scan.id], [], []]);
  });

  it('is not visible to a doctor whose only appointment was cancelled, also with an earlier link (Z-03)', async () => {
    const { fileUrl } = (await app.call('GET', path(), { token: doctor })).data;
    await app.db.query(`UPDATE appointment SET status = 'CANCELLED' WHERE id = $1`, [appointmentId]);
    expect(await status('GET', doctor)).toBe(404);
    expect((await download(app.url + fileUrl)).status).toBe(404);
    await app.db.query(`UPDATE appointment SET status = 'CONFIRMED' WHERE id = $1`, [appointmentId]);
    expect((await download(app.url + fileUrl)).status).toBe(200);
  });

  it('can be uploaded for a patient by the treating doctor and the front desk, and the front desk cannot see it', async () => {
    const bytes = dicom();
    const send = (token: string, clientId?: string): ReturnType<typeof upload> =>
      upload(app, { token, bytes, name: 'x.dcm', ...(clientId && { fields: { clientId } }) });
    expect((await send(doctor, owner.clientId)).status).toBe(201);
    const byDesk = await send(staff, owner.clientId);
    expect(byDesk).toMatchObject({
      status: 201,
      data: { fileUrl: null, thumbnailUrl: null, dicom: null, quality: null },
    });
    expect((await send(staff)).body.error).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ field: 'clientId' }],
    });
    expect((await send(otherStaff, owner.clientId)).status).toBe(404);
    expect((await send(otherDoctor, owner.clientId)).status).toBe(404);
    expect((await send(stranger.token, owner.clientId)).status).toBe(404);
    expect((await send(owner.token, newId())).status).toBe(404);
  });

  it('can be deleted with its files by its patient, and by a doctor only if the doctor uploaded it (U-09)', async () => {
    expect(await status('DELETE', stranger.token)).toBe(404);
    expect(await status('DELETE', doctor)).toBe(403);
    expect(await readdir(join(folder, 'scans', scan.id))).toEqual(['original', 'served', 'thumbnail']);
    expect(await status('DELETE', owner.token)).toBe(200);
    expect(await readdir(join(folder, 'scans'))).not.toContain(scan.id);
    for (const read of reads) expect(await status('GET', owner.token, read)).toBe(404);
    expect((await download(app.url + scan.fileUrl)).status).toBe(404);
    expect(await status('DELETE', owner.token)).toBe(404);
    scan = (await upload(app, { token: doctor, bytes: await png(), fields: { clientId: owner.clientId } })).data;
    expect(await status('DELETE', doctor)).toBe(200);
  });

  it('is audited each time it is opened', async () => {
    await app.call('GET', path('/file'), { token: doctor });
    await download(app.url + scan.thumbnailUrl);
    const { rows } = await app.db.query(
      `SELECT action, actor_role AS role, changes->>'file' AS file FROM audit_log WHERE object_id = $1 ORDER BY id`,
      [scan.id],
    );
    expect(rows).toEqual([
      { action: 'scan.uploaded', role: 'CLIENT', file: null },
      { action: 'scan.opened', role: 'DOCTOR', file: 'served' },
      { action: 'scan.opened', role: 'CLIENT', file: 'thumbnail' },
    ]);
  });
});

describe('a signed link', () => {
  it('opens one file for five minutes, and is refused if one of its characters is changed (U-09)', async () => {
    const url = new URL(app.url + scan.fileUrl);
    expect((await download(url.href)).status).toBe(200);
    const changed = (name: string, value: string): string => {
      const other = new URL(url);
      other.searchParams.set(name, value);
      return other.href;
    };
    const link = url.searchParams.get('link') as string;
    const [text, mac] = link.split('.') as [string, string];
    const payload = Buffer.from(text, 'base64url').toString();
    const withPayload = (other: string): string => `${Buffer.from(other).toString('base64url')}.${mac}`;
    for (const href of [
      changed('link', withPayload(payload.replace(/\d+$/, (expires) => String(Number(expires) + 60)))),
      changed('link', withPayload(payload.replace(owner.userId, stranger.userId))),
      changed('link', `${text}.${(mac.startsWith('A') ? 'B' : 'A') + mac.slice(1)}`),
      changed('link', text),
      changed('link', `${link}.x`),
      changed('link', ''),
      changed('variant', 'deidentified'),
    ]) {
      expect((await download(href)).status).toBe(403);
    }
    expect((await download(url.href.replace('/file', '/thumbnail'))).status).toBe(403);
    expect((await download(url.href.replace(`${scan.id}/file`, `${newId()}/file`))).status).toBe(403);
    now += 301_000;
    expect((await download(url.href)).status).toBe(403);
    now = Date.now();
  });

  it('becomes invalid when its user signs out', async () => {
    const token = await app.login('patient@careslot.test');
    const { fileUrl } = (await upload(app, { token, bytes: await png() })).data;
    expect((await download(app.url + fileUrl)).status).toBe(200);
    expect((await app.call('POST', '/api/v1/auth/logout', { token, body: {} })).status).toBe(200);
    expect((await download(app.url + fileUrl)).status).toBe(403);
  });

  it('is refused for another user (U-09)', async () => {
    expect((await download(app.url + scan.fileUrl, bearer(stranger.token))).status).toBe(403);
    expect((await download(app.url + scan.fileUrl, bearer(owner.token))).status).toBe(200);
  });
});

describe('a download', () => {
  const get = (headers: Record<string, string>): ReturnType<typeof download> =>
    download(app.url + scan.fileUrl, headers);

  it('supports a single range, and refuses a range outside the file (U-09)', async () => {
    const { bytes, headers } = await get({});
    const size = bytes.length;
    const cases: [string, number, Buffer | null, string | null][] = [
      ['bytes=0-9', 206, bytes.subarray(0, 10), `bytes 0-9/${size}`],
      [`bytes=${size - 5}-`, 206, bytes.subarray(-5), `bytes ${size - 5}-${size - 1}/${size}`],
      ['bytes=-5', 206, bytes.subarray(-5), `bytes ${size - 5}-${size - 1}/${size}`],
      [`bytes=5-${size * 9}`, 206, bytes.subarray(5), `bytes 5-${size - 1}/${size}`],
      [`bytes=-${size * 9}`, 206, bytes, `bytes 0-${size - 1}/${size}`],
      [`bytes=${size}-`, 416, Buffer.alloc(0), `bytes */${size}`],
      ['bytes=-0', 416, Buffer.alloc(0), `bytes */${size}`],
      ['bytes=5-2', 200, bytes, null],
      ['bytes=0-1,3-4', 200, bytes, null],
      [`bytes=${Array.from({ length: 1_000 }, () => '0-').join(',')}`, 200, bytes, null],
      ['lines=1-2', 200, bytes, null],
      ['bytes=a-b', 200, bytes, null],
      [`bytes=0-${'9'.repeat(300)}`, 200, bytes, null],
    ];
    for (const [range, code, expected, contentRange] of cases) {
      const answer = await get({ range });
      expect({ range, code: answer.status, contentRange: answer.headers.get('content-range') }).toEqual({
        range,
        code,
        contentRange,
      });
      expect(answer.bytes.equals(expected as Buffer)).toBe(true);
    }
    const etag = headers.get('etag') as string;
    expect((await get({ 'if-none-match': etag })).status).toBe(304);
    expect((await get({ range: 'bytes=0-1', 'if-range': etag })).status).toBe(206);
    expect((await get({ range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200);
  });

  it('returns only headers for HEAD', async () => {
    const answer = await fetch(app.url + scan.fileUrl, { method: 'HEAD' });
    expect([answer.status, Number(answer.headers.get('content-length')) > 0]).toEqual([200, true]);
  });
});

describe('the quota of a patient', () => {
  it('is not exceeded by concurrent uploads (U-05)', async () => {
    const [patient] = await app.patients(1);
    const bytes = await png();
    const send = (): ReturnType<typeof upload> => upload(app, { token: patient?.token as string, bytes });
    const answers = [];
    for (let round = 0; round < 3; round += 1) answers.push(...(await Promise.all(Array.from({ length: 6 }, send))));
    expect(answers.map(({ status: code }) => code).sort()).toEqual([...Array(12).fill(201), ...Array(6).fill(413)]);
    expect(answers.find(({ status: code }) => code === 413)?.body.error.details).toMatchObject({ reason: 'QUOTA' });
  });
});

describe('an Idempotency-Key', () => {
  it('creates one scan for repeated forms, and refuses another form', async () => {
    const headers = { 'idempotency-key': 'once-1' };
    const first = await upload(app, { token: owner.token, bytes: await png(), headers });
    const again = await upload(app, { token: owner.token, bytes: await png(), headers });
    expect([again.status, again.data.id, again.headers.get('idempotency-replayed')]).toEqual([
      201,
      first.data.id,
      'true',
    ]);
    const other = await upload(app, { token: owner.token, bytes: await png(65, 48), headers });
    expect(other).toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' });
    const { rows } = await app.db.query(`SELECT id FROM scan WHERE client_id = $1 AND purged_at IS NULL ORDER BY id`, [
      owner.clientId,
    ]);
    expect(await readdir(join(folder, 'scans'))).toEqual(expect.arrayContaining(rows.map(({ id }) => id)));
  });

  it('creates one scan for two concurrent forms, which get that scan or "in progress"', async () => {
    const headers = { 'idempotency-key': 'once-2' };
    const bytes = await png();
    const send = (): ReturnType<typeof upload> => upload(app, { token: owner.token, bytes, headers });
    const answers = await Promise.all([send(), send(), send()]);
    const made = answers.filter(({ status }) => status === 201);
    const refused = answers.filter(({ status }) => status !== 201);
    expect(new Set(made.map(({ data }) => data.id)).size).toBe(1);
    expect(refused.map(({ code }) => code)).toEqual(refused.map(() => 'IDEMPOTENCY_IN_PROGRESS'));
    expect((await send()).data.id).toBe(made[0]?.data.id);
  });

  it('returns the first answer again although the quota is used up', async () => {
    const { token, clientId } = (await app.patients(1))[0] as typeof owner;
    const headers = { 'idempotency-key': newId() };
    const first = await upload(app, { token, bytes: await png(), headers });
    // As large as all that a patient may store.
    await app.db.query(`UPDATE scan SET total_bytes = 9e15 WHERE client_id = $1`, [clientId]);
    const other = await upload(app, { token, bytes: await png() });
    expect(other).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE' });
    const again = await upload(app, { token, bytes: await png(), headers });
    expect([again.status, again.data.id]).toEqual([201, first.data.id]);
  });
});
