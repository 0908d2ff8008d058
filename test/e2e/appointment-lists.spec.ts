import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer, type TestPatient } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { changeContacts } from '../support/encrypted.js';
import { SettableClock } from '../support/settable-clock.js';

/** GET /appointments: filters, sorts, the search of patients, and short objects beside the ids. */

const ENV = { JOBS_IN_PROCESS: 'false', VISIT_CHANGES_PER_10_MINUTES: '10000', JWT_EXPIRES_IN: '96h' };

let app: TestApp;
let clock: SettableClock;
let clinic: TestClinic;
let other: TestClinic;
let consultation: string;
let scan: string;
let mona: TestPatient;
let karim: TestPatient;
let doctor: string;
/** Mona's consultation with the first doctor, Karim's scan with the second one in the room, and Mona's visit at the other clinic. */
let visits: { consultation: string; scan: string; elsewhere: string };

beforeAll(async () => {
  clock = new SettableClock();
  clock.set(at(1, '07:00'));
  app = await TestApp.start({ ...ENV }, undefined, clock);
  clinic = await openClinic(app, { doctors: 2, rooms: 2, policy: { horizonDays: 365 } });
  other = await openClinic(app, { policy: { horizonDays: 365 } });
  consultation = await aService(app, clinic, { name: 'Consultation' });
  scan = await aService(app, clinic, { name: 'Scan', mode: 'IN_PERSON', requiredResourceKinds: ['ROOM'] });
  [mona, karim] = (await app.patients(2)) as [TestPatient, TestPatient];
  await rename(mona, 'Mona', 'Hassan', '+201001234567');
  await rename(karim, 'كريم', 'علي', '+201119876543');
  doctor = app.tokenFor({
    userId: newId(),
    role: 'DOCTOR',
    doctorId: clinic.doctorIds[0],
    clinicIds: [clinic.id],
  });
  visits = {
    consultation: await book(mona, consultation, clinic.doctorIds[0], at(2)),
    scan: await book(karim, scan, clinic.doctorIds[1], at(2, '10:00'), [clinic.roomIds[1] as string]),
    elsewhere: await book(mona, await aService(app, other), other.doctorIds[0], at(2, '15:00')),
  };
});

afterAll(() => app.close());

async function rename(patient: TestPatient, firstName: string, lastName: string, phone: string): Promise<void> {
  await app.db.query('UPDATE user_account SET first_name = $2, last_name = $3 WHERE id = $1', [
    patient.userId,
    firstName,
    lastName,
  ]);
  await changeContacts(app, patient.userId, { phone });
}

async function book(
  { token }: TestPatient,
  serviceId: string,
  doctorId: string | undefined,
  startDateTime: string,
  resourceIds: string[] = [],
): Promise<string> {
  const body = { serviceId, doctorId, startDateTime, resourceIds };
  const { data, body: answer } = await app.call('POST', '/api/v1/appointments', { token, body });
  if (!data) throw new Error(JSON.stringify(answer));
  return data.id as string;
}

const get = (query: string, token = clinic.staff): Promise<Answer> =>
  app.call('GET', `/api/v1/appointments?${query}`, { token });

const ids = async (query: string, token?: string): Promise<string[]> => {
  const { data, body } = await get(query, token);
  if (!data) throw new Error(JSON.stringify(body));
  return (data as { id: string }[]).map(({ id }) => id);
};

describe('filters', () => {
  it('choose visits by service, and by room', async () => {
    expect(await ids(`serviceId=${scan}`)).toEqual([visits.scan]);
    expect(await ids(`resourceId=${clinic.roomIds[1]}`)).toEqual([visits.scan]);
    expect(await ids(`resourceId=${clinic.roomIds[0]}`)).toEqual([]);
    expect(await ids(`serviceId=${consultation}&resourceId=${clinic.roomIds[1]}`)).toEqual([]);
  });

  it.each([
    ['the start of a name', 'mon', 'consultation'],
    ['a name in another script and spelling', encodeURIComponent('کریم'), 'scan'],
    ['a telephone number without the country code', '01001234567', 'consultation'],
  ] as const)('find patients by %s', async (_, q, visit) => {
    expect(await ids(`q=${q}`)).toEqual([visits[visit]]);
  });

  it('find nobody at clinics that the caller does not work at (Z-04)', async () => {
    expect(await ids('q=mona', other.staff)).toEqual([visits.elsewhere]);
    const searchKarim = `q=${encodeURIComponent('كريم')}`;
    expect(await ids(searchKarim)).toEqual([visits.scan]);
    expect(await ids(searchKarim, other.staff)).toEqual([]);
    expect(await ids(searchKarim, doctor)).toEqual([]);
    expect(await ids('q=mona', karim.token)).toEqual([]);
  });

  it('choose visits by check-in and by the time of the last change', async () => {
    expect(await ids('checkedIn=true')).toEqual([]);
    clock.set(at(2, '08:55'));
    const path = `/api/v1/appointments/${visits.consultation}/check-in`;
    expect((await app.call('POST', path, { token: clinic.staff })).status).toBe(200);
    expect(await ids('checkedIn=true')).toEqual([visits.consultation]);
    expect(await ids('checkedIn=false')).toEqual([visits.scan]);
    expect(await ids(`updatedSince=${at(2, '08:55')}`)).toEqual([visits.consultation]);
    expect(await ids(`updatedSince=${at(2, '08:55').replace('.000Z', '.001Z')}`)).toEqual([]);
    expect(await ids(`updatedSince=${at(1, '09:00').replace('.000Z', '%2B02:00')}`)).toHaveLength(2);
  });

  it('sort by the last change, in both directions', async () => {
    clock.set(at(2, '08:56'));
    for (const [changed, unchanged] of [
      [visits.scan, visits.consultation],
      [visits.consultation, visits.scan],
    ] as const) {
      const body = { staffNotes: `Changed at ${clock.now()}` };
      const answer = await app.call('PUT', `/api/v1/appointments/${changed}`, { token: clinic.staff, body });
      expect(answer.status).toBe(200);
      expect(await ids('sort=updatedAt')).toEqual([unchanged, changed]);
      expect(await ids('sort=-updatedAt')).toEqual([changed, unchanged]);
      clock.set(new Date(clock.now() + 60_000).toISOString());
    }
  });

  it.each([
    ['2026-11-29', '2026-11-28'],
    ['2026-11-29T09:00:00Z', '2026-11-29T08:00:00Z'],
    ['2026-11-30', '2026-11-29T08:00:00Z'],
  ])('refuse days and instants in the wrong order: %s to %s', async (from, to) => {
    const answer = await app.call('GET', `/api/v1/appointments?from=${from}&to=${to}`, { token: clinic.staff });
    expect([answer.status, answer.body.error.details.map(({ field }: { field: string }) => field)]).toEqual([
      400,
      ['to'],
    ]);
  });

  it('refuse what they cannot read, and name every field', async () => {
    const answer = await get(
      'serviceId=x&resourceId=y&checkedIn=maybe&updatedSince=2027-05-03&sort=status&expand=client,notes',
    );
    expect([answer.status, answer.code]).toEqual([400, 'VALIDATION_ERROR']);
    const fields = (answer.body.error.details as { field: string }[]).map(({ field }) => field);
    expect([...new Set(fields)].sort()).toEqual(
      ['checkedIn', 'expand', 'resourceId', 'serviceId', 'sort', 'updatedSince'].sort(),
    );
  });
});

describe('expand', () => {
  it('puts short objects beside the ids, in a list and in a single appointment', async () => {
    const expected = {
      client: { id: karim.clientId, firstName: 'كريم', lastName: 'علي' },
      doctor: {
        id: clinic.doctorIds[1],
        title: null,
        firstName: 'Doc',
        lastName: 'No 2',
        speciality: 'General practice',
      },
      service: { id: scan, name: 'Scan', durationMinutes: 30, mode: 'IN_PERSON' },
      resources: [{ id: clinic.roomIds[1], kind: 'ROOM', name: 'ROOM 2' }],
    };
    const all = 'expand=client,doctor,service,resources';
    const { data } = await get(`serviceId=${scan}&${all}`);
    expect(data).toEqual([expect.objectContaining({ id: visits.scan, clientId: karim.clientId, ...expected })]);
    const one = await app.call('GET', `/api/v1/appointments/${visits.scan}?${all}`, { token: clinic.staff });
    expect(one.data).toEqual(data[0]);
    const without = await app.call('GET', `/api/v1/appointments/${visits.consultation}?expand=resources`, {
      token: clinic.staff,
    });
    expect(without.data.resources).toEqual([]);
  });

  it('adds only what was requested', async () => {
    const [plain] = (await get(`serviceId=${scan}`)).data;
    const [expanded] = (await get(`serviceId=${scan}&expand=service`)).data;
    const { service, ...rest } = expanded;
    expect(service.id).toBe(scan);
    expect(rest).toEqual(plain);
    expect(Object.keys(plain).filter((key) => ['client', 'doctor', 'service', 'resources'].includes(key))).toEqual([]);
  });

  it('shows patients their own name, and no staff notes', async () => {
    const [visit] = (await get('expand=client,service', karim.token)).data;
    expect(visit).toMatchObject({ client: { lastName: 'علي' }, service: { name: 'Scan' } });
    expect(visit).not.toHaveProperty('staffNotes');
  });

  it('creates one audit row for a list, with the patients on the page', async () => {
    const reader = newId();
    const token = app.tokenFor({ userId: reader, role: 'STAFF', clinicIds: [clinic.id] });
    await get('q=a&expand=client,doctor,service,resources', token);
    await get(`from=${at(2).slice(0, 10)}&to=${at(2).slice(0, 10)}&expand=client`, token);
    const { rows } = await app.db.query(
      `SELECT action, jsonb_array_length(changes->'clientIds') AS patients FROM audit_log WHERE actor_user_id = $1 ORDER BY id`,
      [reader],
    );
    expect(rows).toHaveLength(2);
    expect(rows[1]).toEqual({ action: 'appointment.list-read', patients: 2 });
  });
});
