import type { Patient } from './booking.js';
import { mailTo } from './mailbox.js';
import type { DemoUsers } from './users.js';
import { ensure, expectStatus, step, type Answer } from './steps.js';

/** The shortest reminder offset that a clinic's policy allows. */
const OFFSET_MINUTES = 5;
const MINUTE = 60_000;
/** The reminder is due at least this long after the booking, at a whole minute, because appointments start at whole minutes. */
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

/** Sets the reminder offset to five minutes, books an appointment, waits for its reminder on each channel, and restores the policy. */
export async function runReminderDemo(users: DemoUsers, patient: Patient): Promise<void> {
  const before = await currentOffsets(users);
  await step(`the manager sets reminders to ${OFFSET_MINUTES} min before`, () => setOffsets(users, [OFFSET_MINUTES]));
  try {
    const { id, startDateTime } = await bookNear(users, patient);
    const due = Date.parse(startDateTime) - OFFSET_MINUTES * MINUTE;
    await reminderArrives(users, patient, id, due);
    await step('the desk cancels the appointment', async () =>
      expectStatus(await users.call('DELETE', `/appointments/${id}?reason=demo`, undefined, users.staff), 200),
    );
  } finally {
    await step(`the policy is restored to ${before.join(' and ')} min`, () => setOffsets(users, before));
  }
}

const currentOffsets = async ({ call, clinicId }: DemoUsers): Promise<number[]> =>
  expectStatus(await call<Clinic>('GET', `/clinics/${clinicId}`), 200).policy.reminderOffsetsMinutes;

async function setOffsets({ call, clinicId, manager }: DemoUsers, minutes: number[]): Promise<null> {
  const body = { policy: { reminderOffsetsMinutes: minutes } };
  const { policy } = expectStatus(await call<Clinic>('PUT', `/clinics/${clinicId}`, body, manager), 200);
  if (String(policy.reminderOffsetsMinutes) !== String(minutes)) throw new Error('the policy did not change');
  return null;
}

/** Books as the front desk, with the first doctor who is free at that time, also outside the working hours. */
const bookNear = (users: DemoUsers, { clientId }: Patient): Promise<{ id: string; startDateTime: string }> =>
  step('the desk books an appointment in 5 minutes', async () => {
    const { call, clinicId, staff } = users;
    const path = `/services?clinicId=${clinicId}&limit=100`;
    const services = expectStatus(await call<Service[]>('GET', path), 200);
    const simple = services.filter(({ requiredResourceKinds }) => requiredResourceKinds.length === 0);
    let last: Answer | undefined;
    for (const { id: serviceId, doctorIds } of simple) {
      for (const doctorId of doctorIds) {
        const due = Math.ceil((Date.now() + DUE_AFTER_SECONDS * 1000) / MINUTE) * MINUTE;
        const startDateTime = new Date(due + OFFSET_MINUTES * MINUTE).toISOString();
        const body = {
          serviceId,
          doctorId,
          clientId,
          startDateTime,
          overrideHours: true,
          overrideReason: 'To show reminders',
        };
        last = await call('POST', '/appointments', body, staff);
        if (last.status === 201) return { note: `at ${startDateTime}`, value: last.body.data };
        expectStatus(last, 409);
      }
    }
    return expectStatus(ensure(last, 'service without a room'), 201);
  });

/** Checks the socket, the inbox, and the development mailbox, which takes the place of e-mail. */
async function reminderArrives(users: DemoUsers, patient: Patient, appointmentId: string, due: number): Promise<void> {
  const isReminder = (entry: { kind: string; appointmentId: string }): boolean =>
    entry.kind === KIND && entry.appointmentId === appointmentId;
  const after = (): string => `${((Date.now() - due) / 1000).toFixed(1)} s after it was due`;
  const { data } = await step("the patient's app gets the reminder", async () => {
    const within = Math.max(0, due - Date.now()) + ARRIVES_WITHIN_SECONDS * 1000;
    const received = await patient.app.waitFor('notification:created', isReminder, within);
    if (Date.now() < due) throw new Error('it arrived before it was due');
    return { note: `${after()}: ${received.data.title}`, value: received };
  });
  await step('… the inbox has it', async () => {
    const inbox = expectStatus(await users.call('GET', '/notifications?limit=20', undefined, patient.token), 200);
    if (!inbox.some(({ id }: { id: string }) => id === data.id)) throw new Error('it is not there');
    return null;
  });
  await step('… the e-mail is sent', async () => ({
    note: `“${(await mailTo(users.url, patient.email, /remind/i)).subject}”, ${after()}; see ${users.url}/dev/mail`,
    value: null,
  }));
}
