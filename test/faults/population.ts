import type { TestApp, TestPatient } from '../support/app.js';
import { aService, openClinic, type TestClinic } from '../support/clinic.js';
import { changeContacts } from '../support/encrypted.js';

const [PATIENTS, DOCTORS] = [40, 4];
const [DAY, HALF_HOUR] = [86_400_000, 1_800_000];
const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'];
const POLICY = { horizonDays: 730, maxUpcomingPerClient: 1_000, reminderOffsetsMinutes: [120] };

/** A clinic, its service, and its times, each of which is given out once. */
export interface Practice {
  clinic: TestClinic;
  serviceId: string;
  firstStart: number;
  /** How many were given out. */
  times: number;
}

export interface FreeTime {
  doctorId: string;
  /** Epoch milliseconds. */
  start: number;
  startDateTime: string;
}

/** People, and the clinics that they use. */
export interface Population {
  patients: TestPatient[];
  visits: Practice;
  deposits: Practice;
  /** For clients who are not in the log. */
  others: Practice;
  /** Services of clinics in zones whose clocks change. */
  zoneServices: ReadonlyMap<string, string>;
}

/** A time that nobody else is given, of this doctor or of any. */
export function nextTime(practice: Practice, ofDoctorId?: string): FreeTime {
  const { doctorIds } = practice.clinic;
  for (;;) {
    const index = practice.times;
    practice.times += 1;
    const start = practice.firstStart + Math.floor(index / doctorIds.length) * HALF_HOUR;
    const doctorId = doctorIds[index % doctorIds.length] as string;
    if (doctorId === (ofDoctorId ?? doctorId)) return { doctorId, start, startDateTime: new Date(start).toISOString() };
  }
}

export async function populate(app: TestApp): Promise<Population> {
  const patients = await app.patients(PATIENTS);
  for (const [index, { userId }] of patients.entries())
    await changeContacts(app, userId, { phone: `+2010055501${String(index).padStart(2, '0')}` });
  // The same patients book in all three: at the time of another visit, a booking would be refused.
  const visits = await openPractice(app, {}, 3);
  const deposits = await openPractice(app, { requiresDeposit: true }, 250);
  const others = await openPractice(app, {}, 500);
  await app.db.query(
    `INSERT INTO client_clinic (client_id, clinic_id, registered_at) SELECT id, $2, now() FROM unnest($1::uuid[]) AS p (id)`,
    [patients.map(({ clientId }) => clientId), visits.clinic.id],
  );
  const zoneServices = new Map<string, string>();
  for (const timeZone of ZONES) {
    const clinic = await openClinic(app, { timeZone, policy: { ...POLICY, slotStepMinutes: 30 } });
    zoneServices.set(timeZone, await aService(app, clinic));
  }
  return { patients, visits, deposits, others, zoneServices };
}

/** @param firstDay the day of its first time, from today */
async function openPractice(app: TestApp, policy: object, firstDay: number): Promise<Practice> {
  const clinic = await openClinic(app, { doctors: DOCTORS, policy: { ...POLICY, ...policy } });
  const serviceId = await aService(app, clinic, { price: { amount: 50_000, currency: 'INR' } });
  const today = Date.now() - (Date.now() % DAY);
  return { clinic, serviceId, firstStart: today + firstDay * DAY, times: 0 };
}
