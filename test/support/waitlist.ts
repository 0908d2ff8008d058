import { WaitlistWorker } from '../../src/modules/waitlist/waitlist-worker.js';
import type { Answer, TestApp, TestPatient } from './app.js';
import { at } from './clinic.js';
import { allPublished } from './outbox.js';
import { eventually } from './eventually.js';

/** A patient who waits, with the id of the entry. */
export type Waiter = TestPatient & { id: string };
type Entry = Pick<Waiter, 'token' | 'id'>;

/** @param from the patient; default: a new one */
export async function joinWaitlist(
  app: TestApp,
  serviceId: string,
  fields: object = {},
  from?: TestPatient,
): Promise<Waiter> {
  const patient = from ?? (await app.patient());
  const body = { serviceId, from: at(0).slice(0, 10), to: at(60).slice(0, 10), ...fields };
  const { status, data, code } = await app.call('POST', '/api/v1/waitlist', { token: patient.token, body });
  if (status !== 201) throw new Error(`joining the waitlist returned ${status} ${code}`);
  return { ...patient, id: data.id };
}

export async function getEntry(app: TestApp, { token, id }: Entry): Promise<any> {
  const { data } = await app.call('GET', '/api/v1/waitlist?limit=100', { token });
  return data.find((entry: { id: string }) => entry.id === id);
}

export const acceptOffer = (app: TestApp, { token, id }: Entry): Promise<Answer> =>
  app.call('POST', `/api/v1/waitlist/${id}/accept`, { token });

export const runWaitlistWorker = (app: TestApp, clinicId: string): Promise<void> =>
  app.app.get(WaitlistWorker, { strict: false }).run(clinicId);

/** Handles all events, then offers what is free, by several workers at once. */
export async function settleWaitlist(app: TestApp, clinicId: string, workers: number): Promise<void> {
  await allPublished(app);
  await Promise.all(Array.from({ length: workers }, () => runWaitlistWorker(app, clinicId)));
  await allPublished(app);
  await runWaitlistWorker(app, clinicId);
}

/** A new patient to whom a free time is offered, as if it had been freed. */
export async function offerTime(
  app: TestApp,
  { serviceId, doctorId, startDateTime }: { serviceId: string; doctorId: string; startDateTime: string },
): Promise<TestPatient & { entryId: string }> {
  const patient = await app.patient();
  const days = { from: startDateTime.slice(0, 10), to: startDateTime.slice(0, 10) };
  const joined = await app.call('POST', '/api/v1/waitlist', {
    token: patient.token,
    body: { serviceId, doctorId, ...days },
  });
  const { id: entryId, clinicId } = joined.data;
  await app.db.query(
    `INSERT INTO waitlist_time (clinic_id, doctor_id, start_at, end_at) VALUES ($1, $2, $3, $3::timestamptz + interval '1 minute')`,
    [clinicId, doctorId, startDateTime],
  );
  await eventually(async () => {
    await runWaitlistWorker(app, clinicId);
    const { data } = await app.call('GET', '/api/v1/waitlist', { token: patient.token });
    if (data[0].status !== 'OFFERED') throw new Error(`the entry is ${data[0].status}`);
  });
  return { ...patient, entryId };
}
