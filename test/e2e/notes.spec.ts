import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LinkTokens } from '../../src/modules/notifications/link-tokens.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, createAccount, openClinic, type TestClinic } from '../support/clinic.js';
import { SocketClient } from '../support/sockets.js';
import { startsIn } from '../support/visits.js';

/** The patient's note and the staff notes of an appointment, and their history. */

let app: TestApp;
let clinic: TestClinic;
let serviceId: string;
let doctor: string;
let patient: TestPatient;
let appointment: { id: string; startDateTime: string };
let day = 2;

beforeAll(async () => {
  app = await TestApp.start();
  clinic = await openClinic(app);
  serviceId = await aService(app, clinic);
  const userId = await createAccount(app, 'DOCTOR', { firstName: 'Huda', lastName: 'Nabil' });
  const [doctorId] = clinic.doctorIds as [string];
  doctor = app.tokenFor({ userId, role: 'DOCTOR', doctorId, clinicIds: [clinic.id] });
});

afterAll(() => app.close());

beforeEach(async () => {
  patient = await app.patient();
  appointment = (await book(patient.token, { notes: 'I am afraid of needles' })).data;
});

const book = (token: string, fields: object): Promise<Answer> =>
  app.call('POST', '/api/v1/appointments', {
    token,
    body: { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at((day += 1)), ...fields },
  });
const path = (): string => `/api/v1/appointments/${appointment.id}`;
const read = async (token: string): Promise<any> => (await app.call('GET', path(), { token })).data;
const write = (token: string, body: object): Promise<Answer> => app.call('PUT', path(), { token, body });
const history = async (token: string): Promise<any[]> => (await app.call('GET', `${path()}/history`, { token })).data;

describe('staff notes', () => {
  it('can be written and read by the doctor and the front desk, in addition to the patient’s note', async () => {
    expect((await write(doctor, { staffNotes: 'Suspects MS' })).data).toMatchObject({
      notes: 'I am afraid of needles',
      staffNotes: 'Suspects MS',
    });
    expect((await write(clinic.staff, { staffNotes: 'Suspects MS; bring the chart' })).status).toBe(200);
    expect(await read(doctor)).toMatchObject({ staffNotes: 'Suspects MS; bring the chart' });
  });

  it('are in no response to the patient: read, list, change, cancellation, history', async () => {
    await write(doctor, { staffNotes: 'SECRET-OF-STAFF' });
    const answers = [
      await app.call('GET', path(), { token: patient.token }),
      await app.call('GET', '/api/v1/appointments', { token: patient.token }),
      await app.call('GET', '/api/bookings', { token: patient.token }),
      await write(patient.token, { notes: 'And of dogs' }),
      await write(patient.token, { startDateTime: at((day += 1)) }),
      await app.call('GET', `${path()}/history`, { token: patient.token }),
      await app.call('DELETE', path(), { token: patient.token }),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(JSON.stringify(answers.map(({ body }) => body))).not.toMatch(/SECRET-OF-STAFF|staffNotes/);
  });

  it('are in the events of the front desk, but not of the patient', async () => {
    const [own, desk] = await Promise.all(
      [patient.token, clinic.staff].map((token) => SocketClient.connected(app.url, token)),
    );
    try {
      await write(doctor, { staffNotes: 'SECRET-OF-STAFF' });
      const seen = await own?.waitFor('appointment:updated', ({ id }) => id === appointment.id);
      expect(seen?.data).toMatchObject({ notes: 'I am afraid of needles' });
      expect(JSON.stringify(own?.seen)).not.toMatch(/SECRET-OF-STAFF|staffNotes/);
      const event = await desk?.waitFor('appointment:updated', ({ id }) => id === appointment.id);
      expect(event?.data.staffNotes).toBe('SECRET-OF-STAFF');
      expect(event?.meta.eventId).toBe(seen?.meta.eventId);
    } finally {
      own?.close();
      desk?.close();
    }
  });

  it('cannot be written by the patient, in a booking or later', async () => {
    expect((await book(patient.token, { staffNotes: 'Please be kind' })).code).toBe('FORBIDDEN');
    expect((await write(patient.token, { staffNotes: null })).code).toBe('FORBIDDEN');
    expect((await write(patient.token, { staffNotes: 'x', startDateTime: at(90) })).code).toBe('FORBIDDEN');
    expect(await read(patient.token)).toMatchObject({ version: 1 });
  });

  it('can be written by the front desk with the booking', async () => {
    const body = { clientId: patient.clientId, notes: 'By phone: a headache', staffNotes: 'Called three times' };
    const booked = await book(clinic.staff, body);
    expect(booked.data).toMatchObject({ notes: 'By phone: a headache', staffNotes: 'Called three times' });
  });
});

describe('the patient’s note', () => {
  it.each(['IN_PROGRESS', 'COMPLETED', 'CANCELLED', 'NO_SHOW'])(
    'cannot be changed by the patient when the appointment is %s',
    async (status) => {
      await app.db.query('UPDATE appointment SET status = $2 WHERE id = $1', [appointment.id, status]);
      expect((await write(patient.token, { notes: 'Changed my mind' })).code).toBe('INVALID_TRANSITION');
      expect(await read(patient.token)).toMatchObject({ notes: 'I am afraid of needles', version: 1 });
      expect((await write(doctor, { staffNotes: 'Seen' })).status).toBe(200);
    },
  );

  it('cannot be changed by the patient after the start of the appointment', async () => {
    await startsIn(app, appointment.id, 2);
    expect((await write(patient.token, { notes: 'Nearly late' })).status).toBe(200);
    await startsIn(app, appointment.id, 0);
    const refused = await write(patient.token, { notes: 'Late' });
    expect([refused.code, refused.body.error.details.reason]).toEqual(['INVALID_TRANSITION', 'PAST']);
  });
});

describe('the history', () => {
  it('contains each replaced text, its replacement, and who replaced it', async () => {
    await write(patient.token, { notes: 'Of needles and dogs' });
    await write(doctor, { staffNotes: 'First' });
    await write(clinic.staff, { staffNotes: 'Second', notes: null });
    const entries = (await history(clinic.staff)).slice(1);
    expect(entries.map(({ actor, replacedNotes }) => [actor.role, replacedNotes])).toEqual([
      ['CLIENT', [{ field: 'notes', before: 'I am afraid of needles', after: 'Of needles and dogs' }]],
      ['DOCTOR', [{ field: 'staffNotes', before: null, after: 'First' }]],
      [
        'STAFF',
        [
          { field: 'notes', before: 'Of needles and dogs', after: null },
          { field: 'staffNotes', before: 'First', after: 'Second' },
        ],
      ],
    ]);
    const own = await history(patient.token);
    expect(own.at(-1)).toMatchObject({ replacedNotes: [{ field: 'notes' }], changes: { notes: true } });
    expect(own.at(-2)).toMatchObject({ replacedNotes: [], changes: {} });
  });

  it('shows names to staff, and to a patient only their own name', async () => {
    await write(doctor, { staffNotes: 'x' });
    expect((await history(clinic.staff)).map(({ actor }) => actor.name)).toEqual(['Pat Ient', 'Huda Nabil']);
    expect((await history(patient.token)).map(({ actor }) => [actor.role, actor.name])).toEqual([
      ['CLIENT', 'Pat Ient'],
      ['DOCTOR', null],
    ]);
  });

  it.each(['confirm', 'cancel'] as const)(
    'contains the recipient of the link that was used to %s, and that it was a link',
    async (action) => {
      const start = Date.parse(appointment.startDateTime);
      const url = app.app.get(LinkTokens).url({ action, appointmentId: appointment.id, start });
      expect((await app.call('POST', new URL(url).pathname)).status).toBe(200);
      const entry = (await history(clinic.staff)).at(-1);
      expect(entry).toMatchObject({
        action: action === 'confirm' ? 'appointment.confirmed-by-client' : 'appointment.cancelled',
        actor: { id: patient.userId, role: 'CLIENT', name: 'Pat Ient' },
        actorUserId: patient.userId,
        via: 'LINK',
      });
      const [booked] = await history(clinic.staff);
      expect(booked).toMatchObject({ actorUserId: patient.userId, via: null });
    },
  );

  it('of notification settings contains who used the link of an e-mail', async () => {
    const url = app.app
      .get(LinkTokens)
      .url({ action: 'unsubscribe', userId: patient.userId, kind: 'APPOINTMENT_REMINDER' });
    await app.call('POST', new URL(url).pathname);
    const { rows } = await app.db.query(
      `SELECT actor_user_id AS who, actor_role AS role, changes FROM audit_log
       WHERE action = 'notification-preference.updated' AND object_id = $1`,
      [patient.userId],
    );
    expect(rows).toEqual([{ who: patient.userId, role: 'CLIENT', changes: { via: 'LINK' } }]);
  });
});
