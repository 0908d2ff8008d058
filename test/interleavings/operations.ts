import { newId } from '../../src/core/kernel/id.js';
import type { Answer } from '../support/app.js';
import type { Place, Scene } from './scene.js';

/** What an operation was answered. */
export interface Outcome {
  name: string;
  answer: Answer;
  /** The appointments that were changed or created by this answer, as it says. */
  changedIds: string[];
  heldId?: string;
  /** What was closed, with the appointments in it that the answer names. */
  closed?: { doctorId: string | null; from: string; to: string; affectedIds: string[] };
}

/** Sends one real request to an application. */
export type Send = (url: string) => Promise<Outcome>;

/** Prepares the scene for an operation. It runs before the schedule begins. */
export type Operation = (scene: Scene) => Promise<Send>;

const SLOT: Place = { doctor: 0, hour: 1 };
export const OTHER_DOCTOR: Place = { doctor: 1, hour: 1 };

const toIds = ({ status, data }: Answer): string[] => (status < 300 ? [(data as { id: string }).id] : []);

export const book =
  (patient: number, place: Place = SLOT, key = newId()): Operation =>
  async (scene) =>
  async (url) => {
    const { token } = scene.patient(patient);
    const headers = { 'idempotency-key': key };
    const request = { token, headers, body: scene.body(place) };
    const answer = await scene.app.call('POST', `${url}/api/v1/appointments`, request);
    const isReplay = answer.headers.get('idempotency-replayed') === 'true';
    return { name: 'book', answer, changedIds: isReplay ? [] : toIds(answer) };
  };

export const hold =
  (patient: number, place: Place = SLOT): Operation =>
  async (scene) =>
  async (url) => {
    const { token } = scene.patient(patient);
    const answer = await scene.app.call('POST', `${url}/api/v1/holds`, { token, body: scene.body(place) });
    return { name: 'hold', answer, changedIds: [], ...(answer.status === 201 && { heldId: answer.data.id as string }) };
  };

/** Moves an appointment of the patient, on the version that they have read. */
export const reschedule =
  (patient: number, from: Place, to: Place = SLOT): Operation =>
  async (scene) =>
    sendReschedule(scene, patient, await scene.booked(patient, from), to);

const sendReschedule =
  (scene: Scene, patient: number, id: string, to: Place): Send =>
  async (url) => {
    const { doctorId, startDateTime } = scene.body(to) as { doctorId: string; startDateTime: string };
    const answer = await scene.app.call('PUT', `${url}/api/v1/appointments/${id}`, {
      token: scene.patient(patient).token,
      headers: { 'if-match': '"1"' },
      body: { doctorId, startDateTime },
    });
    return { name: 'reschedule', answer, changedIds: toIds(answer) };
  };

/** Cancels an appointment that has the time. */
export const cancel =
  (patient: number, place: Place = SLOT): Operation =>
  async (scene) =>
    sendCancel(scene, patient, await scene.booked(patient, place));

const sendCancel =
  (scene: Scene, patient: number, id: string): Send =>
  async (url) => {
    const { token } = scene.patient(patient);
    const headers = { 'if-match': '"1"' };
    const answer = await scene.app.call('DELETE', `${url}/api/v1/appointments/${id}`, { token, headers });
    return { name: 'cancel', answer, changedIds: toIds(answer) };
  };

/** The front desk moves appointments to another doctor at the same time. */
export const bulkMove =
  (patient: number, from: Place = OTHER_DOCTOR, toDoctor: 0 | 1 = SLOT.doctor): Operation =>
  async (scene) => {
    const ids = [await scene.booked(patient, from)];
    return sendBulkMove(scene, ids, toDoctor);
  };

const sendBulkMove =
  (scene: Scene, ids: readonly string[], toDoctor: 0 | 1): Send =>
  async (url) => {
    const answer = await scene.app.call('POST', `${url}/api/v1/appointments/bulk`, {
      token: scene.clinic.staff,
      headers: { 'idempotency-key': newId() },
      body: { action: 'MOVE', appointmentIds: ids, to: { doctorId: scene.clinic.doctorIds[toDoctor] }, reason: 'ill' },
    });
    const results = answer.status === 200 ? (answer.data as { appointmentId: string; outcome: string }[]) : [];
    const changedIds = results.flatMap(({ appointmentId, outcome }) => (outcome === 'MOVED' ? [appointmentId] : []));
    return { name: 'bulk move', answer, changedIds };
  };

/** Closes the hour of the slot, for the whole clinic. */
export const close = (): Operation => async (scene) => async (url) => {
  const { day: from } = scene;
  const answer = await scene.app.call('POST', `${url}/api/v1/clinics/${scene.clinic.id}/closures`, {
    token: scene.clinic.manager,
    headers: { 'idempotency-key': newId() },
    body: { from, to: from, start: scene.time(SLOT.hour), end: scene.time(SLOT.hour + 1) },
  });
  return { name: 'close', answer, changedIds: [], ...toClosed(scene, answer, null) };
};

/** Closes the hour of the slot, for its doctor. */
export const closeDoctor = (): Operation => async (scene) => async (url) => {
  const { day: from } = scene;
  const doctorId = scene.clinic.doctorIds[SLOT.doctor] as string;
  const answer = await scene.app.call('POST', `${url}/api/v1/doctors/${doctorId}/schedule/exceptions`, {
    token: scene.clinic.manager,
    body: { kind: 'CLOSED', from, to: from, start: scene.time(SLOT.hour), end: scene.time(SLOT.hour + 1) },
  });
  return { name: 'close the doctor', answer, changedIds: [], ...toClosed(scene, answer, doctorId) };
};

function toClosed(scene: Scene, { status, data }: Answer, doctorId: string | null): Pick<Outcome, 'closed'> {
  if (status !== 201) return {};
  const affectedIds = (data as { affected: { id: string }[] }).affected.map(({ id }) => id);
  return { closed: { doctorId, from: scene.start(SLOT.hour), to: scene.start(SLOT.hour + 1), affectedIds } };
}

/** Two operations on one appointment that has the slot. */
export const onOneAppointment =
  (patient: number, kinds: readonly ('reschedule' | 'cancel' | 'bulk')[]) =>
  async (scene: Scene): Promise<Send[]> => {
    const id = await scene.booked(patient, SLOT);
    const sends = {
      reschedule: () => sendReschedule(scene, patient, id, { doctor: 0, hour: 2 }),
      cancel: () => sendCancel(scene, patient, id),
      bulk: () => sendBulkMove(scene, [id], 1),
    };
    return kinds.map((kind) => sends[kind]());
  };
