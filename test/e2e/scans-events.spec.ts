import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp } from '../support/app.js';
import { png } from '../support/pictures.js';
import { SocketClient } from '../support/sockets.js';
import { upload } from '../support/uploads.js';
import { findUserId } from '../support/encrypted.js';

let app: TestApp;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-scan-events-'));
  app = await TestApp.start({ STORAGE_DIR: folder });
});

afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

interface Patient {
  token: string;
  clientId: string;
  userId: string;
}

interface Doctor {
  doctorId: string;
  clinicId: string;
  serviceId: string;
}

const createDoctorToken = ({ doctorId, clinicId }: Doctor): string =>
  app.tokenFor({ userId: newId(), role: 'DOCTOR', doctorId, clinicIds: [clinicId] });

async function book(clientId: string, { clinicId, doctorId, serviceId }: Doctor, status: string): Promise<void> {
  await app.db.query(
    `INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, start_at, end_at, status, price_minor, currency)
     VALUES ($1, $2, $3, $4, $5, now() + interval '9 days', now() + interval '10 days', $6, 0, 'EGP')`,
    [newId(), clinicId, clientId, doctorId, serviceId, status],
  );
}

it('scan:analyzed is sent to the patient and the treating doctors, and contains only the id and the status', async () => {
  const { rows: doctors } = await app.db.query<Doctor>(
    `SELECT d.id AS "doctorId", d.clinic_id AS "clinicId", s.id AS "serviceId" FROM doctor d
     JOIN LATERAL (SELECT id FROM service WHERE clinic_id = d.clinic_id LIMIT 1) s ON true ORDER BY d.id LIMIT 3`,
  );
  const [treating, former, stranger] = doctors as [Doctor, Doctor, Doctor];
  const [owner, other] = (await app.patients(2)) as [Patient, Patient];
  await book(owner.clientId, treating, 'CONFIRMED');
  await book(owner.clientId, former, 'CANCELLED');
  const desk = app.tokenFor({
    userId: await findUserId(app, 'staff@careslot.test'),
    role: 'STAFF',
    clinicIds: [treating.clinicId],
  });
  const admin = app.tokenFor({ userId: newId(), role: 'ADMIN' });
  const [patient, doctor, otherPatient, ...others] = await Promise.all(
    [
      owner.token,
      createDoctorToken(treating),
      other.token,
      createDoctorToken(former),
      createDoctorToken(stranger),
      desk,
      admin,
    ].map((token) => SocketClient.connected(app.url, token)),
  );

  const scan = (await upload(app, { token: owner.token, bytes: await png(), fields: { kind: 'CANARY' } })).data;
  expect((await app.call('POST', `/api/v1/scans/${scan.id}/analysis`, { token: owner.token })).status).toBe(202);
  for (const client of [patient, doctor]) {
    const { data, meta } = (await client!.waitFor('scan:analyzed')) as { data: unknown; meta: object };
    expect(data).toEqual({ scanId: scan.id, status: 'NOT_AVAILABLE' });
    expect(Object.keys(meta).sort()).toEqual(['eventId', 'occurredAt', 'sequence']);
  }

  // Events arrive in order: when the other patient has received an own event, the earlier one has been sent to all.
  const marker = (await upload(app, { token: other.token, bytes: await png() })).data;
  await app.call('POST', `/api/v1/scans/${marker.id}/analysis`, { token: other.token });
  await otherPatient?.waitFor('scan:analyzed', ({ scanId }) => scanId === marker.id);
  for (const client of [otherPatient, ...others])
    expect(client?.seen.filter(({ data }) => data?.scanId === scan.id)).toEqual([]);
  for (const client of [patient, doctor, otherPatient, ...others]) {
    expect(JSON.stringify(client?.seen)).not.toContain('CANARY');
    client?.close();
  }
});
