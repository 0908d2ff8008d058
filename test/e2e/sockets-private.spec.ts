import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { OutboxConsumers } from '../../src/core/outbox/outbox-consumers.js';
import { HoldsRepository } from '../../src/modules/appointments/holds.repository.js';
import { TestApp, type TestPatient } from '../support/app.js';
import { at, aService, openClinic, type TestClinic } from '../support/clinic.js';
import { allPublished } from '../support/outbox.js';
import { png } from '../support/pictures.js';
import { SocketClient } from '../support/sockets.js';
import { upload } from '../support/uploads.js';
import { startsIn } from '../support/visits.js';
import { createStudyForm, createImportForm } from './route-role.table.js';

/** This marker is in every text that somebody can write about the patient. */
const CANARY = 'canary-7f3a';

let app: TestApp;
let folder: string;
let clinic: TestClinic;
let serviceId: string;
const clients: SocketClient[] = [];

let patient: TestPatient;
let otherPatient: TestPatient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-private-'));
  app = await TestApp.start({ STORAGE_DIR: folder, JOBS_SWEEP_SECONDS: '1' });
  clinic = await openClinic(app, { doctors: 2, policy: { requiresConfirmation: true } });
  serviceId = await aService(app, clinic, { name: `Visit ${CANARY}` });
  [patient, otherPatient] = (await app.patients(2)) as [TestPatient, TestPatient];
  await app.db.query(`UPDATE user_account SET first_name = $1, last_name = $1 WHERE id = $2`, [CANARY, patient.userId]);
});

afterAll(async () => {
  for (const client of clients) client.close();
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

async function connect(token: string): Promise<SocketClient> {
  const client = await SocketClient.connected(app.url, token, { transports: ['websocket'] });
  clients.push(client);
  return client;
}

async function call(method: string, path: string, token: string, body?: object): Promise<any> {
  const answer = await app.call(method, `/api/v1${path}`, { token, body });
  if (answer.status >= 300)
    throw new Error(`${method} ${path} answered ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.data;
}

const doctorToken = (doctorId: string, clinicId: string): string =>
  app.tokenFor({ userId: newId(), role: 'DOCTOR', doctorId, clinicIds: [clinicId] });

const book = (patient: TestPatient, startDateTime: string, doctor = 0): Promise<any> =>
  call('POST', '/appointments', patient.token, {
    serviceId,
    doctorId: clinic.doctorIds[doctor],
    startDateTime,
    notes: CANARY,
  });

/** Returns the next start on the grid that is at least two minutes away. */
const soon = (): string => new Date(Math.ceil((Date.now() + 120_000) / 900_000) * 900_000).toISOString();

/**
 * Causes every event about a patient.
 * @param emergency a clinic that opens the patient's record in an emergency
 * @returns all ids of the patient's objects
 */
async function causeAllEvents(patient: TestPatient, emergency: TestClinic): Promise<string[]> {
  const { staff, manager, doctorIds } = clinic;
  const moved = await book(patient, at(3));
  await call('POST', `/appointments/${moved.id}/confirm`, staff);
  await call('PUT', `/appointments/${moved.id}`, patient.token, { startDateTime: at(4) });
  await call('PUT', `/appointments/${moved.id}`, staff, { doctorId: doctorIds[1], notes: CANARY });
  await call('DELETE', `/appointments/${moved.id}?reason=${CANARY}`, patient.token);
  const visited = await book(patient, soon());
  await startsIn(app, visited.id, 0);
  for (const step of ['confirm', 'check-in', 'start', 'complete'])
    await call('POST', `/appointments/${visited.id}/${step}`, staff);
  const { rules } = await call('GET', `/doctors/${doctorIds[0]}/schedule`, manager);
  await call('PUT', `/doctors/${doctorIds[0]}/schedule`, manager, { rules });
  const day = at(20).slice(0, 10);
  const path = `/doctors/${doctorIds[0]}/schedule/exceptions`;
  const leave = await call('POST', path, manager, { from: day, to: day, kind: 'CLOSED', reason: CANARY });
  await call('DELETE', `${path}/${leave.id}`, manager);
  const closed = await call('POST', `/clinics/${clinic.id}/closures`, manager, { from: day, to: day });
  await call('DELETE', `/clinics/${clinic.id}/closures/${closed.id}`, manager);
  await call('POST', '/notifications', staff, {
    clinicId: clinic.id,
    clientIds: [patient.clientId],
    template: 'MESSAGE_FROM_CLINIC',
    channels: ['IN_APP'],
    message: CANARY,
  });
  const scan = (await upload(app, { token: patient.token, bytes: await png(), name: `${CANARY}.png` })).data;
  await call('POST', `/scans/${scan.id}/analysis`, patient.token);
  const study = await app.call('POST', '/api/v1/scan-sets', { token: patient.token, form: createStudyForm() });
  await call('POST', `/scan-sets/${study.data.id}/analysis`, patient.token);
  await call('POST', `/clients/${patient.clientId}/break-glass`, emergency.staff, { reason: CANARY });
  const walkIn = {
    clinicId: clinic.id,
    serviceId,
    doctorId: doctorIds[0],
    clientId: patient.clientId,
    withSlot: false,
  };
  const slot = { serviceId, doctorId: doctorIds[0] };
  const released = await call('POST', '/holds', patient.token, { ...slot, startDateTime: at(8) });
  await call('DELETE', `/holds/${released.id}`, patient.token);
  const expired = await call('POST', '/holds', patient.token, { ...slot, startDateTime: at(8) });
  await app.db.query(`UPDATE hold SET expires_at = now() - interval '1 second' WHERE id = $1`, [expired.id]);
  await app.db.query(`UPDATE reservation SET expires_at = now() - interval '1 second' WHERE hold_id = $1`, [
    expired.id,
  ]);
  await app.app.get(HoldsRepository).endExpired(new Date());
  const waits = { serviceId, from: at(1).slice(0, 10), to: at(2).slice(0, 10) };
  const { id: waitlistEntryId } = await call('POST', '/waitlist', patient.token, waits);
  const { id: entryId } = await call('POST', '/queue/walk-ins', staff, walkIn);
  await call('POST', `/queue/${entryId}/move`, staff, { beforeId: null, reason: CANARY });
  const imported = await fetch(`${app.url}/api/v1/imports`, {
    ...{ method: 'POST', headers: { authorization: `Bearer ${manager}` }, body: createImportForm(clinic.id) },
  });
  const { id: importId } = ((await imported.json()) as { data: { id: string } }).data;
  const visits = [moved.id, visited.id, released.id, expired.id];
  return [...visits, importId, scan.id, study.data.id, entryId, waitlistEntryId, patient.clientId, patient.userId];
}

it('no other patient, clinic or doctor gets an event about a patient (Z-02)', async () => {
  const [elsewhere, emergency] = [await openClinic(app), await openClinic(app)];
  // The events of opening the clinics.
  await allPublished(app);
  const insiders = {
    patient: await connect(patient.token),
    doctor: await connect(doctorToken(clinic.doctorIds[0] as string, clinic.id)),
    desk: await connect(clinic.staff),
    admin: await connect(clinic.admin),
    emergencyManager: await connect(emergency.manager),
  };
  const outsiders = {
    otherPatient: await connect(otherPatient.token),
    otherDesk: await connect(elsewhere.staff),
    otherManager: await connect(elsewhere.manager),
    otherDoctor: await connect(doctorToken(elsewhere.doctorIds[0] as string, elsewhere.id)),
    // May read the record for an hour, without events.
    emergencyDesk: await connect(emergency.staff),
  };
  const ids = await causeAllEvents(patient, emergency);
  const isReceived = (event: string): Promise<unknown> =>
    Promise.any(Object.values(insiders).map((client) => client.waitFor(event)));
  await insiders.patient.waitFor('notification:created', ({ body }) => body.includes(CANARY));
  await insiders.patient.waitFor('scan:analyzed', ({ scanId }) => ids.includes(scanId as string));
  await insiders.patient.waitFor('scan-set:analyzed', ({ scanSetId }) => ids.includes(scanSetId as string));
  for (const event of [
    'appointment:created',
    'appointment:updated',
    'appointment:cancelled',
    'availability:changed',
    'queue:updated',
    'waitlist:updated',
    'break-glass:opened',
    'import:progress',
  ])
    await isReceived(event);
  // After these events of their own, earlier events have arrived.
  const own = await book(otherPatient, at(5));
  await outsiders.otherPatient.waitFor('appointment:created', ({ id }) => id === own.id);
  await outsiders.otherPatient.waitFor('notification:created', ({ appointmentId }) => appointmentId === own.id);

  for (const [who, { seen }] of Object.entries(outsiders)) {
    const others = JSON.stringify(seen.filter(({ data }) => data.id !== own.id && data.appointmentId !== own.id));
    expect({ who, leaks: [...ids, CANARY].filter((secret) => others.includes(secret)) }).toEqual({ who, leaks: [] });
  }
  const kinds = (client: SocketClient): string[] => [...new Set(client.seen.map(({ event }) => event))].sort();
  expect(kinds(outsiders.otherPatient)).toEqual(['appointment:created', 'notification:created']);
  const { otherDesk, otherManager, otherDoctor, emergencyDesk } = outsiders;
  expect([otherDesk, otherManager, otherDoctor, emergencyDesk].flatMap(kinds)).toEqual([]);
  expect(kinds(insiders.emergencyManager)).toEqual(['break-glass:opened']);
  // Events about inboxes and scans are only for the patient, not for the front desk and the ADMIN.
  for (const { seen } of [insiders.desk, insiders.admin])
    expect(seen.filter(({ event }) => /^(notification|scan|scan-set):/.test(event))).toEqual([]);

  await allPublished(app);
  // A new event must be added above.
  const { rows } = await app.db.query<{ event: string }>(`SELECT DISTINCT event FROM outbox WHERE message_count > 0`);
  expect(rows.map(({ event }) => event).sort()).toEqual(app.app.get(OutboxConsumers).publishedNames.sort());
  // The same is true for `sync`.
  const back = await connect(otherPatient.token);
  await back.sync(0);
  expect(back.seen.length).toBeGreaterThan(0);
  const again = JSON.stringify(back.seen.filter(({ data }) => data.id !== own.id && data.appointmentId !== own.id));
  expect([...ids, CANARY].filter((secret) => again.includes(secret))).toEqual([]);
});
