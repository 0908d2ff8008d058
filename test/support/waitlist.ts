import { WaitlistWorker } from '../../src/modules/waitlist/waitlist-worker.js';
import type { TestApp, TestPatient } from './app.js';
import { eventually } from './eventually.js';

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
    await app.app.get(WaitlistWorker, { strict: false }).run(clinicId);
    const { data } = await app.call('GET', '/api/v1/waitlist', { token: patient.token });
    if (data[0].status !== 'OFFERED') throw new Error(`the entry is ${data[0].status}`);
  });
  return { ...patient, entryId };
}
