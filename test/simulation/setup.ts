import type { TestApp, TestPatient } from '../support/app.js';
import { aService, createAccount, openClinic, type TestClinic } from '../support/clinic.js';

const [DOCTORS, ROOMS, PATIENTS, DESK] = [12, 4, 14, 3];
/** The clinic opens with the day, so that a change of the clocks is in its hours. */
const HOURS = { start: '00:00', end: '12:00' };
export const CLOSES_AT_MINUTE = 12 * 60;
export const STEP_MINUTES = 15;
export const WAITLIST_OFFER_MINUTES = 20;
const HOLD_MINUTES = 20;

export interface SimulatedService {
  id: string;
  durationMinutes: number;
  bufferAfterMinutes: number;
  needsRoom: boolean;
  /** Above one for group sessions. */
  capacity: number;
  requiresReferral: boolean;
}

/** Somebody who sends requests. */
export interface SimulatedActor {
  name: string;
  role: 'CLIENT' | 'STAFF' | 'DOCTOR' | 'MANAGER';
  token: string;
  userId: string;
  clientId: string | null;
  doctorId: string | null;
  /** The patient for whom this one is a guardian. */
  childId: string | null;
}

/** A clinic with short slots, and no limit that would end the day early. */
export function openSimulatedClinic(app: TestApp, timeZone: string): Promise<TestClinic> {
  const policy = {
    slotStepMinutes: STEP_MINUTES,
    minimumNoticeMinutes: 0,
    holdMinutes: HOLD_MINUTES,
    waitlistOfferMinutes: WAITLIST_OFFER_MINUTES,
    maxUpcomingPerClient: 1_000,
  };
  return openClinic(app, { doctors: DOCTORS, rooms: ROOMS, timeZone, hours: HOURS, policy });
}

const SERVICES: Omit<SimulatedService, 'id'>[] = [
  { durationMinutes: 30, bufferAfterMinutes: 0, needsRoom: false, capacity: 1, requiresReferral: false },
  { durationMinutes: 45, bufferAfterMinutes: 15, needsRoom: false, capacity: 1, requiresReferral: false },
  { durationMinutes: 15, bufferAfterMinutes: 0, needsRoom: true, capacity: 1, requiresReferral: false },
  { durationMinutes: 60, bufferAfterMinutes: 0, needsRoom: false, capacity: 3, requiresReferral: false },
  { durationMinutes: 30, bufferAfterMinutes: 0, needsRoom: false, capacity: 1, requiresReferral: true },
];

/** Visits, visits with a buffer, visits in a room, group sessions, and visits that need a referral. */
export async function createServices(app: TestApp, clinic: TestClinic): Promise<SimulatedService[]> {
  const services: SimulatedService[] = [];
  for (const { needsRoom, ...fields } of SERVICES) {
    const requiredResourceKinds = needsRoom ? ['ROOM'] : [];
    services.push({ id: await aService(app, clinic, { ...fields, requiredResourceKinds }), needsRoom, ...fields });
  }
  return services;
}

/** The patients; the last one is a child, for whom the one before is a guardian. */
export async function createPatients(app: TestApp, clinic: TestClinic): Promise<SimulatedActor[]> {
  const patients = (await app.patients(PATIENTS)).map(toActor);
  await app.db.query(
    `INSERT INTO client_clinic (client_id, clinic_id, registered_at) SELECT id, $2, now() FROM unnest($1::uuid[]) AS p (id)`,
    [patients.map(({ clientId }) => clientId), clinic.id],
  );
  const [guardian, child] = patients.slice(-2);
  if (!guardian || !child) throw new Error('no patients');
  const token = clinic.staff;
  const born = { body: { dateOfBirth: '2022-05-06' }, token };
  const answers = [
    await app.call('PUT', `/api/v1/clients/${child.clientId}`, born),
    await app.call('POST', `/api/v1/clients/${child.clientId}/guardians`, {
      body: { clientId: guardian.clientId },
      token,
    }),
  ];
  for (const { status, body } of answers) if (status >= 300) throw new Error(JSON.stringify(body));
  guardian.childId = child.clientId;
  return patients;
}

const toActor = ({ token, clientId, userId }: TestPatient, index: number): SimulatedActor => ({
  name: `patient ${index + 1}`,
  role: 'CLIENT',
  ...{ token, userId, clientId, doctorId: null, childId: null },
});

/** The front desk, a manager and the doctors, with accounts. */
export async function createStaff(app: TestApp, clinic: TestClinic): Promise<SimulatedActor[]> {
  const desk = Array.from({ length: DESK }, (_, index) => ({
    ...{ name: `desk ${index + 1}`, role: 'STAFF' as const, doctorId: null },
  }));
  const manager = { name: 'manager', role: 'MANAGER' as const, doctorId: null };
  const doctors = clinic.doctorIds.map((doctorId, index) => ({
    ...{ name: `doctor ${index + 1}`, role: 'DOCTOR' as const, doctorId },
  }));
  const actors: SimulatedActor[] = [];
  for (const person of [...desk, manager, ...doctors]) {
    const { role, doctorId } = person;
    const userId = await createAccount(app, role, { clinicIds: [clinic.id] });
    const token = app.tokenFor({ userId, role, doctorId, clinicIds: [clinic.id] });
    actors.push({ ...person, userId, clientId: null, childId: null, token });
  }
  return actors;
}
