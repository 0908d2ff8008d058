import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/core/database/database.js';
import type { Actor } from '../../src/core/kernel/actor.js';
import { newId } from '../../src/core/kernel/id.js';
import {
  ImportedVisitsService,
  type ImportedOutcome,
  type ImportedVisit,
} from '../../src/modules/appointments/index.js';
import { TestApp, type TestPatient } from '../support/app.js';
import { aService, at, createAccount, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';
import { allPublished } from '../support/outbox.js';

let app: TestApp;
let clinic: TestClinic;
let serviceId: string;
let managerId: string;

beforeAll(async () => {
  app = await TestApp.start();
  clinic = await openClinic(app, { doctors: 2 });
  managerId = await createAccount(app, 'MANAGER', { clinicIds: [clinic.id] });
  serviceId = await aService(app, clinic);
});

afterAll(() => app.close());

const manager = (clinicIds = [clinic.id]): Actor => ({
  userId: managerId,
  sessionId: newId(),
  role: 'MANAGER',
  clientId: null,
  doctorId: null,
  clinicIds,
});

function record(visits: ImportedVisit[], actor = manager()): Promise<ImportedOutcome[]> {
  return app.app.get(Database).transaction(() => app.app.get(ImportedVisitsService).record(actor, visits));
}

/** Makes somebody a patient of a clinic. */
const addToClinic = ({ clientId }: TestPatient, clinicId: string): Promise<unknown> =>
  app.db.query(
    `INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now()) ON CONFLICT DO NOTHING`,
    [clientId, clinicId],
  );

/** A visit of a patient of the clinic. */
async function visit(fields: Partial<ImportedVisit> & { patient?: TestPatient }): Promise<ImportedVisit> {
  const { patient = await app.patient(), ...others } = fields;
  await addToClinic(patient, clinic.id);
  const [doctorId = ''] = clinic.doctorIds;
  const nothing = { end: null, status: null, notes: null };
  return { clientId: patient.clientId, doctorId, serviceId, start: new Date(at(3)), ...nothing, ...others };
}

const past = (time = '09:00'): Date => new Date(at(-30, time));

async function activeReservations(id: string): Promise<number> {
  const { rows } = await app.db.query(`SELECT active FROM reservation WHERE appointment_id = $1`, [id]);
  expect(rows.length).toBeGreaterThan(0);
  return rows.filter(({ active }) => active).length;
}

const getId = (outcome: ImportedOutcome | undefined): string => {
  if (!outcome || !('id' in outcome)) throw new Error(`not taken over: ${JSON.stringify(outcome)}`);
  return outcome.id;
};

describe('past visits of another system', () => {
  it('are recorded without reserving time, even if they overlap', async () => {
    const visits = [
      await visit({ start: past(), notes: 'Ärztin عربي' }),
      await visit({ start: past('09:10'), status: 'NO_SHOW' }),
      await visit({ start: past('09:20'), end: past('10:20'), priceMinor: 12_345 }),
    ];
    const outcomes = await record(visits);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['RECORDED', 'RECORDED', 'RECORDED']);
    const [first, second, third] = outcomes.map(getId) as [string, string, string];
    for (const id of [first, second, third]) expect(await activeReservations(id)).toBe(0);
    const read = async (id: string) =>
      (await app.call('GET', `/api/v1/appointments/${id}`, { token: clinic.manager })).data;
    expect(await read(first)).toMatchObject({ status: 'COMPLETED', notes: 'Ärztin عربي' });
    expect(await read(second)).toMatchObject({ status: 'NO_SHOW' });
    expect(await read(third)).toMatchObject({ endDateTime: past('10:20').toISOString(), price: { amount: 12_345 } });
    const history = await app.call('GET', `/api/v1/appointments/${first}/history`, { token: clinic.manager });
    expect(history.data).toMatchObject([{ action: 'appointment.imported', changes: { status: [null, 'COMPLETED'] } }]);
  });
});

describe('upcoming visits of another system', () => {
  it('reserve no time while they are cancelled, and their time when they are reinstated', async () => {
    const [cancelled] = await record([await visit({ start: new Date(at(5)), status: 'CANCELLED' })]);
    const id = getId(cancelled);
    expect(await activeReservations(id)).toBe(0);
    const { data } = await app.call('GET', `/api/v1/appointments/${id}`, { token: clinic.manager });
    const answer = await app.call('POST', `/api/v1/appointments/${id}/reinstate`, {
      token: clinic.manager,
      headers: { 'if-match': `"${data.version}"` },
    });
    expect([answer.status, answer.data.status]).toEqual([200, 'CONFIRMED']);
    expect(await activeReservations(id)).toBe(2);
  });

  it('are booked at any hour, with reminders and an event, but without a message about the booking', async () => {
    const start = new Date(at(6, '22:00'));
    const [outcome] = await record([await visit({ start })]);
    const id = getId(outcome);
    expect([outcome?.outcome, await activeReservations(id)]).toEqual(['BOOKED', 2]);
    await allPublished(app);
    const kinds = await eventually(async () => {
      const { rows } = await app.db.query(`SELECT DISTINCT kind FROM planned_notification WHERE appointment_id = $1`, [
        id,
      ]);
      expect(rows.length).toBeGreaterThan(0);
      return rows;
    });
    expect(kinds).toEqual([{ kind: 'APPOINTMENT_REMINDER' }]);
    const { rows } = await app.db.query(`SELECT event FROM outbox WHERE aggregate_id = $1`, [id]);
    expect(rows).toEqual([{ event: 'appointment:created' }]);
    const sent = await app.db.query(`SELECT kind FROM notification WHERE appointment_id = $1`, [id]);
    expect(sent.rows).toEqual([]);
  });

  it('keep their length, and their time if they have begun', async () => {
    const start = new Date(at(9));
    const minute = 60_000;
    const now = Date.now() - (Date.now() % minute);
    const begun = { start: new Date(now - 10 * minute), end: new Date(now + 50 * minute) };
    const [long, running] = await record([
      await visit({ start, end: new Date(start.getTime() + 90 * minute) }),
      await visit(begun),
    ]);
    const read = async (outcome?: ImportedOutcome) =>
      (await app.call('GET', `/api/v1/appointments/${getId(outcome)}`, { token: clinic.manager })).data;
    expect((await read(long)).endDateTime).toBe(new Date(start.getTime() + 90 * minute).toISOString());
    expect(await read(running)).toMatchObject({ status: 'CONFIRMED', endDateTime: begun.end.toISOString() });
    expect(await record([await visit({ start: new Date(start.getTime() + 60 * minute) })])).toMatchObject([
      { outcome: 'COLLIDES', with: { appointmentId: getId(long) } },
    ]);
  });

  it.each([0, -30, 13 * 60])('are refused with a length of %d minutes, like past ones', async (minutes) => {
    const withLength = (start: Date) => ({ start, end: new Date(start.getTime() + minutes * 60_000) });
    const outcomes = await record([await visit(withLength(new Date(at(10)))), await visit(withLength(past('15:00')))]);
    expect(outcomes).toMatchObject([
      { outcome: 'REFUSED', error: { code: 'VALIDATION_ERROR' } },
      { outcome: 'REFUSED', error: { code: 'VALIDATION_ERROR' } },
    ]);
  });

  it('are not booked if they collide, and name the other visit; others of the list are', async () => {
    const start = new Date(at(7));
    const patient = await app.patient();
    const [first] = await record([await visit({ start, patient })]);
    const [, otherDoctor = ''] = clinic.doctorIds;
    const outcomes = await record([
      await visit({ start }),
      await visit({ start: new Date(start.getTime() + 60_000), patient, doctorId: otherDoctor }),
      await visit({ start, doctorId: otherDoctor }),
    ]);
    const collides = { outcome: 'COLLIDES', with: { appointmentId: getId(first), startDateTime: start } };
    expect(outcomes.slice(0, 2)).toEqual([collides, collides]);
    expect(outcomes[2]).toMatchObject({ outcome: 'BOOKED' });
  });

  it('are refused with a status that only past visits have', async () => {
    expect(await record([await visit({ status: 'COMPLETED' })])).toMatchObject([
      { outcome: 'REFUSED', error: { code: 'INVALID_TRANSITION' } },
    ]);
  });
});

describe('visits of another system', () => {
  it('that exist are unchanged, also within one list', async () => {
    const visits = [await visit({ start: past('11:00') }), await visit({ start: new Date(at(8)) })];
    const twice = await record([...visits, ...visits]);
    expect(twice.map(({ outcome }) => outcome)).toEqual(['RECORDED', 'BOOKED', 'UNCHANGED', 'UNCHANGED']);
    const again = await record(visits);
    expect(again).toEqual(twice.slice(0, 2).map((outcome) => ({ outcome: 'UNCHANGED', id: getId(outcome) })));
  });

  it('of patients, doctors or clinics that the manager does not have are refused', async () => {
    const stranger = await app.patient();
    const foreign = await openClinic(app);
    await addToClinic(stranger, foreign.id);
    const visits = [
      { ...(await visit({ start: past('12:00') })), clientId: stranger.clientId },
      { ...(await visit({})), clientId: stranger.clientId },
      await visit({ start: past('12:00'), doctorId: foreign.doctorIds[0] ?? '' }),
    ];
    expect(await record(visits)).toMatchObject([
      { outcome: 'REFUSED', error: { code: 'NOT_FOUND' } },
      { outcome: 'REFUSED', error: { code: 'NOT_FOUND' } },
      { outcome: 'REFUSED', error: { code: 'VALIDATION_ERROR' } },
    ]);
    expect(await record([await visit({}), await visit({ start: past() })], manager([foreign.id]))).toMatchObject([
      { outcome: 'REFUSED', error: { code: 'FORBIDDEN' } },
      { outcome: 'REFUSED', error: { code: 'FORBIDDEN' } },
    ]);
  });
});
