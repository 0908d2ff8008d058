import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { TOTP } from 'otpauth';
import { at } from '../support/clinic.js';
import { Production } from '../support/production.js';
import { SocketClient } from '../support/sockets.js';
import { unzip } from '../support/zip.js';
import { createImageForm } from '../e2e/route-role.table.js';

/**
 * From an empty production database to a patient who uses everything that an account offers, and is erased in the end. Every link is
 * read from the mail that a person got. Needs `npm run build`.
 */

const PASSWORD = 'a-long-and-quiet-river';
const NEW_PASSWORD = 'seven-green-lamps-outside';
const OWNER = 'owner@nile.test';
const MANAGER = 'manager@nile.test';
const STAFF = 'staff@nile.test';
const DOCTOR = 'doctor@nile.test';
const OMAR = {
  firstName: 'Omar',
  lastName: 'Said',
  email: 'omar@example.test',
  dateOfBirth: '1961-11-30',
  locale: 'en',
};
const MONA = {
  firstName: 'Mona',
  lastName: 'Hassan',
  email: 'mona@example.test',
  phone: '+201001234567',
  dateOfBirth: '1988-04-02',
  mrn: 'NILE-77',
  locale: 'en',
};

let careslot: Production;
const sockets: SocketClient[] = [];

beforeAll(async () => {
  careslot = await Production.start();
});

afterAll(async () => {
  for (const socket of sockets) socket.close();
  await careslot.stop();
});

it('leads from an empty production database to accounts of everybody, and to the erasure of a patient', async () => {
  const admin = await createFirstAdministrator();
  const clinic = await openClinic(admin);
  await invitePatientFromDesk(clinic);
  const mona = await claimRecord(clinic);
  await visit(clinic, mona);
  await resetPassword(mona);
  await addSecondFactor(mona);
  await exportData(mona);
  await erase(mona, clinic, admin);
}, 180_000);

interface Clinic {
  manager: string;
  staff: string;
  doctor: string;
  /** What a booking needs. */
  visit: { serviceId: string; doctorId: string };
}

interface Patient {
  clientId: string;
  userId: string;
  /** The access token of the latest sign-in. */
  token: string;
  recoveryCodes: string[];
  scanId: string;
  pastVisitId: string;
  nextVisitId: string;
}

async function createFirstAdministrator(): Promise<string> {
  expect((await careslot.db.query('SELECT FROM user_account')).rowCount).toBe(0);
  expect(await careslot.command('create-admin', '--email', OWNER)).toContain('was mailed');
  const token = await careslot.mailedToken(OWNER, 'Your account at an online booking service for clinics');
  expect((await careslot.submitPage(token, { password: PASSWORD })).status).toBe(200);
  return (await careslot.signIn(OWNER, PASSWORD)).data.accessToken;
}

async function openClinic(admin: string): Promise<Clinic> {
  const { id: clinicId } = await careslot.callOrThrow('POST', 'clinics', admin, {
    name: 'Nile Clinic',
    timeZone: 'Africa/Cairo',
    country: 'EG',
    policy: { slotStepMinutes: 15, minimumNoticeMinutes: 0, cancellationCutoffMinutes: 0 },
  });
  const person = { firstName: 'Sara', lastName: 'Adel', locale: 'en' };
  await careslot.callOrThrow('POST', 'users', admin, {
    ...person,
    email: MANAGER,
    role: 'MANAGER',
    clinicIds: [clinicId],
  });
  const manager = await acceptInvitation(MANAGER);
  await careslot.callOrThrow('POST', 'users', manager, { ...person, email: STAFF, role: 'STAFF' });
  const doctorUser = await careslot.callOrThrow('POST', 'users', manager, { ...person, email: DOCTOR, role: 'DOCTOR' });
  const profile = { clinicId, firstName: 'Karim', lastName: 'Nabil', speciality: 'Neurology', userId: doctorUser.id };
  const { id: doctorId } = await careslot.callOrThrow('POST', 'doctors', manager, profile);
  const rules = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start: '00:00', end: '24:00' }));
  await careslot.callOrThrow('PUT', `doctors/${doctorId}/schedule`, manager, { rules });
  const { id: serviceId } = await careslot.callOrThrow('POST', 'services', manager, {
    clinicId,
    name: 'Visit',
    durationMinutes: 30,
    price: { amount: 50_000, currency: 'EGP' },
    doctorIds: [doctorId],
  });
  const [staff, doctor] = [await acceptInvitation(STAFF), await acceptInvitation(DOCTOR)];
  return { manager, staff, doctor, visit: { serviceId, doctorId } };
}

/** @returns the access token */
async function acceptInvitation(email: string): Promise<string> {
  const token = await careslot.mailedToken(email, 'Your account at Nile Clinic');
  const body = { token, password: PASSWORD };
  const { accessToken, user } = await careslot.callOrThrow('POST', 'auth/invitations/accept', undefined, body);
  expect(user).toMatchObject({ email, emailVerified: true });
  return accessToken;
}

/** A patient of the front desk accepts the invitation on its page, with the date of birth. */
async function invitePatientFromDesk({ staff }: Clinic): Promise<void> {
  const { id } = await careslot.callOrThrow('POST', 'clients', staff, OMAR);
  const token = await careslot.mailedToken(OMAR.email, 'Your account at Nile Clinic');
  expect((await careslot.openPage(token)).status).toBe(200);
  for (const [dateOfBirth, status] of [
    ['1990-01-01', 400],
    [OMAR.dateOfBirth, 200],
  ] as const) {
    expect((await careslot.submitPage(token, { password: PASSWORD, dateOfBirth })).status).toBe(status);
  }
  expect((await careslot.signIn(OMAR.email, PASSWORD)).data.user.clientId).toBe(id);
}

/** Another patient of the front desk registers instead, books, verifies the address, and claims the record with its visits. */
async function claimRecord({ staff, visit: slot }: Clinic): Promise<Patient> {
  const { id: clientId } = await careslot.callOrThrow('POST', 'clients', staff, MONA);
  const ofDesk = { ...slot, clientId, startDateTime: at(2) };
  const { id: firstVisitId } = await careslot.callOrThrow('POST', 'appointments', staff, ofDesk);
  const registration = { email: MONA.email, password: PASSWORD, firstName: 'Mona', lastName: 'H', locale: 'en' };
  const { accessToken: token, user } = await careslot.callOrThrow('POST', 'auth/register', undefined, registration);
  const own = await careslot.callOrThrow('POST', 'appointments', token, { ...slot, startDateTime: at(3) });
  const claim = { dateOfBirth: MONA.dateOfBirth };
  expect((await careslot.call('POST', 'auth/claims', token, claim)).code).toBe('EMAIL_NOT_VERIFIED');
  const verification = await careslot.mailedToken(MONA.email, 'Confirm your e-mail address');
  expect((await careslot.submitPage(verification)).status).toBe(200);
  expect((await careslot.callOrThrow('POST', 'auth/claims', token, claim)).clientId).toBe(clientId);
  const next = await careslot.callOrThrow('POST', 'appointments', token, { ...slot, startDateTime: at(4) });
  const visits = await careslot.callOrThrow('GET', 'appointments?sort=startDateTime', token);
  expect(visits.map(({ id }: { id: string }) => id)).toEqual([firstVisitId, own.id, next.id]);
  const visit = { pastVisitId: firstVisitId, nextVisitId: next.id };
  return { clientId, userId: user.id, token, recoveryCodes: [], scanId: '', ...visit };
}

/** She walks in today, with a picture, and the doctor writes a note. */
async function visit({ staff, doctor, visit: slot }: Clinic, mona: Patient): Promise<void> {
  const walkIn = {
    ...slot,
    clientId: mona.clientId,
    startDateTime: new Date().toISOString(),
    overrideHours: true,
    overrideReason: 'Walk-in',
  };
  const { id } = await careslot.callOrThrow('POST', 'appointments', staff, walkIn);
  for (const step of ['check-in', 'start']) await careslot.callOrThrow('POST', `appointments/${id}/${step}`, staff);
  await careslot.callOrThrow('PUT', `appointments/${id}`, doctor, { staffNotes: 'Mona has migraine.' });
  await careslot.callOrThrow('POST', `appointments/${id}/complete`, staff);
  const scan = (await (await careslot.fetch('POST', 'scans', mona.token, createImageForm())).json()) as any;
  Object.assign(mona, { pastVisitId: id, scanId: scan.data.id });
}

async function resetPassword(mona: Patient): Promise<void> {
  await careslot.callOrThrow('POST', 'auth/password/forgot', undefined, { email: MONA.email });
  const token = await careslot.mailedToken(MONA.email, 'Choose a new password');
  await careslot.callOrThrow('POST', 'auth/password/reset', undefined, { token, password: NEW_PASSWORD });
  expect((await careslot.call('GET', 'auth/profile', mona.token)).code).toBe('TOKEN_REVOKED');
  expect((await careslot.signIn(MONA.email, PASSWORD)).code).toBe('INVALID_CREDENTIALS');
  mona.token = (await careslot.signIn(MONA.email, NEW_PASSWORD)).data.accessToken;
}

async function addSecondFactor(mona: Patient): Promise<void> {
  const { secret } = await careslot.callOrThrow('POST', 'auth/mfa/setup', mona.token, { password: NEW_PASSWORD });
  const otp = new TOTP({ secret }).generate();
  mona.recoveryCodes = (await careslot.callOrThrow('POST', 'auth/mfa/enable', mona.token, { otp })).recoveryCodes;
  expect((await careslot.signIn(MONA.email, NEW_PASSWORD)).code).toBe('MFA_REQUIRED');
  expect((await careslot.signIn(MONA.email, NEW_PASSWORD, otp)).code).toBe('MFA_INVALID');
  const { status, data } = await careslot.signIn(MONA.email, NEW_PASSWORD, mona.recoveryCodes[0]);
  expect([status, data.user.clientId]).toEqual([200, mona.clientId]);
  mona.token = data.accessToken;
}

async function exportData(mona: Patient): Promise<void> {
  const path = `users/${mona.userId}/export`;
  expect((await careslot.call('GET', path, mona.token)).details).toEqual({ reason: 'REAUTHENTICATE' });
  const proof = { password: NEW_PASSWORD, otp: mona.recoveryCodes[1] };
  await careslot.callOrThrow('POST', 'auth/reauthenticate', mona.token, proof);
  const files = await unzip(await (await careslot.fetch('GET', path, mona.token)).arrayBuffer());
  const rows = (name: string): any[] => JSON.parse(files.get(`${name}.json`)?.toString() ?? '');
  expect(rows('account')).toContainEqual(expect.objectContaining({ id: mona.userId, email: MONA.email }));
  expect(rows('record')).toContainEqual(
    expect.objectContaining({ id: mona.clientId, date_of_birth: MONA.dateOfBirth }),
  );
  expect(rows('clinic-records')).toContainEqual(expect.objectContaining({ mrn: MONA.mrn }));
  const visits = rows('appointments');
  expect(visits).toHaveLength(4);
  expect(visits).toContainEqual(
    expect.objectContaining({ id: mona.pastVisitId, status: 'COMPLETED', staff_notes: 'Mona has migraine.' }),
  );
  expect(rows('account-mails').map(({ purpose }) => purpose)).toEqual(
    expect.arrayContaining(['EMAIL_VERIFICATION', 'PASSWORD_RESET']),
  );
  expect(rows('who-read-or-changed-my-data')).toContainEqual(
    expect.objectContaining({ action: 'appointment.booked', actor_role: 'STAFF' }),
  );
  const picture = await careslot.fetch('GET', `scans/${mona.scanId}/file`, mona.token);
  expect(files.get(`scans/${mona.scanId}.png`)).toEqual(Buffer.from(await picture.arrayBuffer()));
  const text = [...files].filter(([name]) => name.endsWith('.json')).join('\n');
  for (const other of [OMAR.email, OMAR.lastName, '$argon2', ...mona.recoveryCodes]) expect(text).not.toContain(other);
}

async function erase(mona: Patient, { staff, doctor }: Clinic, admin: string): Promise<void> {
  const search = async (q: string): Promise<string[]> => {
    const found = await careslot.callOrThrow('GET', `clients?q=${encodeURIComponent(q)}`, staff);
    return found.map(({ id }: { id: string }) => id);
  };
  const signs = ['Mona Hassan', 'Hassan', MONA.email, MONA.phone, '0100 123 4567', MONA.dateOfBirth, MONA.mrn];
  for (const q of signs) expect([q, await search(q)]).toEqual([q, [mona.clientId]]);
  expect((await careslot.call('GET', `scans/${mona.scanId}`, doctor)).status).toBe(200);
  const [desk, phone] = [await connect(staff), await connect(mona.token)];

  // The session is still freshly proven.
  await careslot.callOrThrow('POST', `users/${mona.userId}/erase`, mona.token, {});

  await phone.waitFor('session:ended', () => true);
  await phone.waitUntil('the end of the socket', () => phone.disconnectedBecause !== null);
  expect((await careslot.call('GET', 'auth/profile', mona.token)).code).toBe('TOKEN_REVOKED');
  for (const otp of [undefined, mona.recoveryCodes[2]])
    expect((await careslot.signIn(MONA.email, NEW_PASSWORD, otp)).code).toBe('INVALID_CREDENTIALS');

  await desk.waitFor('appointment:cancelled', (id: string) => id === mona.nextVisitId);
  expect(await careslot.callOrThrow('GET', `appointments/${mona.pastVisitId}`, staff)).toMatchObject({
    ...{ status: 'COMPLETED', clientId: mona.clientId, notes: null, staffNotes: null },
  });
  expect((await careslot.call('GET', `clients/${mona.clientId}`, staff)).status).toBe(404);
  const history = await careslot.callOrThrow('GET', `appointments/${mona.nextVisitId}/history`, staff);
  expect(history.map(({ actor }: any) => actor)).toContainEqual({
    id: mona.userId,
    role: 'CLIENT',
    name: 'Erased person',
  });
  expect((await careslot.call('GET', `scans/${mona.scanId}`, doctor)).status).toBe(404);
  for (const q of signs) expect([q, await search(q)]).toEqual([q, []]);
  for (const q of [MONA.email, 'Mona Hassan'])
    expect(await careslot.callOrThrow('GET', `users?q=${encodeURIComponent(q)}`, admin)).toEqual([]);

  const audit = `audit-logs?action=user.erased&objectId=${mona.userId}`;
  expect(await careslot.callOrThrow('GET', audit, admin)).toEqual([
    expect.objectContaining({ actor: expect.objectContaining({ id: mona.userId, role: 'CLIENT' }) }),
  ]);
  expect((await careslot.callOrThrow('GET', 'audit-logs/verify', admin)).intact).toBe(true);
}

async function connect(token: string): Promise<SocketClient> {
  const socket = await SocketClient.connected(careslot.api.url, token);
  sockets.push(socket);
  return socket;
}
