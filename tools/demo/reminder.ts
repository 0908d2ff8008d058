import type { Patient } from './booking.js';
import { mailTo } from './mailbox.js';
import type { Cast } from './cast.js';
import { ensure, expectStatus, step, type Answer } from './steps.js';

/** The shortest that a clinic may remind before a visit. */
const OFFSET_MINUTES = 5;
const MINUTE = 60_000;
/** The reminder is due at least so long after the booking: at the next whole minute, since visits start at whole minutes. */
const DUE_AFTER_SECONDS = 3;
const ARRIVES_WITHIN_SECONDS = 30;
const KIND = 'APPOINTMENT_REMINDER';

interface Clinic {
  policy: { reminderOffsetsMinutes: number[] };
}

interface Service {
  id: string;
  doctorIds: string[];
  requiredResourceKinds: string[];
}

/** With a policy of five minutes, a visit in five minutes: its reminder comes by every way. The policy is put back. */
export async function reminderStory(cast: Cast, patient: Patient): Promise<void> {
  const before = await currentOffsets(cast);
  await step(`the manager sets reminders to ${OFFSET_MINUTES} min before`, () => setOffsets(cast, [OFFSET_MINUTES]));
  try {
    const { id, startDateTime } = await bookNear(cast, patient);
    const due = Date.parse(startDateTime) - OFFSET_MINUTES * MINUTE;
    await reminderArrives(cast, patient, id, due);
    await step('the visit is cancelled', async () =>
      expectStatus(await cast.call('DELETE', `/appointments/${id}?reason=demo`, undefined, cast.staff), 200),
    );
  } finally {
    await step(`the policy is put back to ${before.join(' and ')} min`, () => setOffsets(cast, before));
  }
}

const currentOffsets = async ({ call, clinicId }: Cast): Promise<number[]> =>
  expectStatus(await call<Clinic>('GET', `/clinics/${clinicId}`), 200).policy.reminderOffsetsMinutes;

async function setOffsets({ call, clinicId, manager }: Cast, minutes: number[]): Promise<null> {
  const body = { policy: { reminderOffsetsMinutes: minutes } };
  const { policy } = expectStatus(await call<Clinic>('PUT', `/clinics/${clinicId}`, body, manager), 200);
  if (String(policy.reminderOffsetsMinutes) !== String(minutes)) throw new Error('the policy stayed as it was');
  return null;
}

/** At the desk, for now: outside of the hours perhaps, with whichever doctor has no visit at the moment. */
const bookNear = (cast: Cast, { clientId }: Patient): Promise<{ id: string; startDateTime: string }> =>
  step('the desk books a visit for the patient, soon', async () => {
    const { call, clinicId, staff } = cast;
    const path = `/services?clinicId=${clinicId}&limit=100`;
    const services = expectStatus(await call<Service[]>('GET', path), 200);
    const simple = services.filter(({ requiredResourceKinds }) => requiredResourceKinds.length === 0);
    let last: Answer | undefined;
    for (const { id: serviceId, doctorIds } of simple) {
      for (const doctorId of doctorIds) {
        const due = Math.ceil((Date.now() + DUE_AFTER_SECONDS * 1000) / MINUTE) * MINUTE;
        const startDateTime = new Date(due + OFFSET_MINUTES * MINUTE).toISOString();
        const body = { serviceId, doctorId, clientId, startDateTime, overrideHours: true };
        last = await call('POST', '/appointments', body, staff);
        if (last.status === 201) return { note: `at ${startDateTime}`, value: last.body.data };
        expectStatus(last, 409);
      }
    }
    return expectStatus(ensure(last, 'service without a room'), 201);
  });

/** On the socket, in the inbox, and in the mailbox that stands in for e-mail. */
async function reminderArrives(cast: Cast, patient: Patient, appointmentId: string, due: number): Promise<void> {
  const isIt = (entry: { kind: string; appointmentId: string }): boolean =>
    entry.kind === KIND && entry.appointmentId === appointmentId;
  const after = (): string => `${((Date.now() - due) / 1000).toFixed(1)} s after it was due`;
  const { data } = await step("the reminder comes to the patient's app", async () => {
    const within = Math.max(0, due - Date.now()) + ARRIVES_WITHIN_SECONDS * 1000;
    const seen = await patient.app.saw('notification:created', isIt, within);
    if (Date.now() < due) throw new Error('it came before it was due');
    return { note: `${after()}: ${seen.data.title}`, value: seen };
  });
  await step('… stands in the inbox', async () => {
    const inbox = expectStatus(await cast.call('GET', '/notifications?limit=20', undefined, patient.token), 200);
    if (!inbox.some(({ id }: { id: string }) => id === data.id)) throw new Error('it is not there');
    return null;
  });
  await step('… and goes out by e-mail', async () => ({
    note: `“${(await mailTo(cast.url, patient.email, /remind/i)).subject}”, ${after()}; see ${cast.url}/dev/mail`,
    value: null,
  }));
}
