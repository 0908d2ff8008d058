import { Injectable } from '@nestjs/common';
import type { Change } from '../../core/changes/change.js';
import { ChangeLog } from '../../core/changes/change-log.js';
import { assertVersion } from '../../core/changes/versioned-update.js';
import { worksAt, type Actor } from '../../core/kernel/actor.js';
import { DomainError, forbidden, invalid, notFound } from '../../core/kernel/domain-error.js';
import { isOwnPatient, toView } from './queue-access.js';
import { placeBefore, type QueueStatus } from './queue-order.js';
import { QueueReader, toPlace, type Queue, type QueuedPatient } from './queue-reader.js';
import type { CallPatient, MoveInQueue, SentQueueEntry } from './queue.dto.js';
import { QueueRepository } from './queue.repository.js';
import { WalkInBooking } from './walk-in-booking.js';

/** What a change did, for the audit log. */
interface QueueChange {
  action: string;
  changes?: Record<string, unknown>;
  /** The doctors whose queue changed. */
  doctorIds: string[];
}

type PatientChange = QueueChange & Pick<QueuedPatient, 'clientId'>;

interface LockedPatient {
  patient: QueuedPatient;
  queue: Queue;
}

type Work = (patient: QueuedPatient, queue: Queue) => Promise<QueueChange>;

/** Calls, moves and removes patients. All changes of a clinic's queue run one after the other. `version` is from If-Match. */
@Injectable()
export class QueueChangesService {
  constructor(
    private readonly entries: QueueRepository,
    private readonly queues: QueueReader,
    private readonly booking: WalkInBooking,
    private readonly changes: ChangeLog,
  ) {}

  /**
   * Calls a waiting patient, once. A walk-in without a time gets a visit that starts now.
   * @throws DomainError INVALID_TRANSITION for a patient who does not wait, APPOINTMENT_CONFLICT if the gap is too short
   */
  call(actor: Actor, id: string, request: CallPatient, version: number | null): Promise<SentQueueEntry> {
    return this.change(actor, id, version, async (patient, queue) => {
      const again = request.again === true;
      assertStatus(patient, again ? 'CALLED' : 'WAITING', again ? 'called again' : 'called');
      const doctorId = getCallingDoctor(actor, patient, request);
      if (patient.appointmentId === null) await this.startVisit(actor, queue, { ...patient, doctorId });
      await this.entries.change(id, { calledAt: new Date(queue.now) });
      return { action: again ? 'queue.called-again' : 'queue.called', doctorIds: [patient.doctorId, doctorId] };
    });
  }

  /** Moves a waiting patient, with a reason that the front desk and the doctor see. */
  move(actor: Actor, id: string, request: MoveInQueue, version: number | null): Promise<SentQueueEntry> {
    return this.change(actor, id, version, async (patient, { patients }) => {
      assertStatus(patient, 'WAITING', 'moved');
      const { doctorId } = patient;
      const others = patients.filter((one) => one.status === 'WAITING' && one.doctorId === doctorId && one.id !== id);
      const beforeId = request.beforeId?.toLowerCase() ?? null;
      const index = others.findIndex((one) => one.id === beforeId);
      if (beforeId !== null && index < 0)
        throw invalid({ field: 'beforeId', error: 'must be another patient who waits for the same doctor' });
      const places = others.map(toPlace);
      const { sortAt, sortTie } = placeBefore(places, places[index] ?? null, toPlace(patient));
      const moved = { sortAt: new Date(sortAt), sortTie };
      await this.entries.change(id, moved, [...patient.moveReasons, request.reason]);
      const position = index < 0 ? others.length + 1 : index + 1;
      return { action: 'queue.moved', changes: { position: [patient.position, position] }, doctorIds: [doctorId] };
    });
  }

  /** Removes a walk-in without a time who has left. */
  async remove(actor: Actor, id: string, version: number | null): Promise<null> {
    const clinicId = await this.getClinicId(actor, id);
    return this.entries.locked(clinicId, async () => {
      const { patient, queue } = await this.find(actor, clinicId, id);
      assertVersion(version, patient);
      if (patient.appointmentId !== null) throw appointmentNotRemovable();
      await this.entries.change(id, { leftAt: new Date(queue.now) });
      const { clientId, doctorId } = patient;
      await this.changes.record(toChange(clinicId, id, { action: 'queue.left', clientId, doctorIds: [doctorId] }));
      return null;
    });
  }

  private async startVisit(actor: Actor, queue: Queue, patient: QueuedPatient): Promise<void> {
    const appointment = await this.booking.bookNow(actor, queue, patient);
    await this.entries.linkVisit(patient.id, appointment.id);
    await this.booking.checkIn(actor, appointment);
  }

  private async change(actor: Actor, id: string, version: number | null, work: Work): Promise<SentQueueEntry> {
    const clinicId = await this.getClinicId(actor, id);
    const read = async (): Promise<LockedPatient> => this.find(actor, clinicId, id);
    return this.changes.versionedUpdate<LockedPatient, SentQueueEntry, SentQueueEntry, PatientChange>({
      objectType: 'queue_entry',
      id,
      version,
      lock: async () => {
        await this.entries.lock(clinicId);
        const row = await read();
        return { row, before: toView(actor, clinicId, row.patient) };
      },
      change: async ({ patient, queue }) => ({ ...(await work(patient, queue)), clientId: patient.clientId }),
      read: async () => toView(actor, clinicId, (await read()).patient),
      details: (_before, _after, change) => toChange(clinicId, id, change),
    });
  }

  private async getClinicId(actor: Actor, id: string): Promise<string> {
    const clinicId = await this.entries.findClinicId(id);
    if (clinicId === null || !worksAt(actor, clinicId)) throw notFound();
    return clinicId;
  }

  private async find(actor: Actor, clinicId: string, id: string): Promise<LockedPatient> {
    const queue = await this.queues.read(clinicId);
    const patient = queue.patients.find((one) => one.id === id);
    if (!patient || !isOwnPatient(actor, clinicId, patient)) throw notFound();
    return { patient, queue };
  }
}

const toChange = (
  clinicId: string,
  objectId: string,
  { clientId, doctorIds, action, changes }: PatientChange,
): Change => ({
  action,
  objectType: 'queue_entry',
  objectId,
  clinicId,
  changes: { clientIds: [clientId], ...changes },
  event: { name: 'queue:updated', payload: { doctorIds: [...new Set(doctorIds)] } },
});

const appointmentNotRemovable = (): DomainError =>
  new DomainError('INVALID_TRANSITION', 'This patient has an appointment. Cancel it, or mark it as a no-show.');

/** @throws DomainError INVALID_TRANSITION */
function assertStatus({ status }: QueuedPatient, allowed: QueueStatus, what: string): void {
  if (status === allowed) return;
  throw new DomainError('INVALID_TRANSITION', `A patient who is ${status} cannot be ${what}.`, {
    from: status,
    allowedFrom: [allowed],
  });
}

/** Who takes the patient. A patient with an appointment is taken by its doctor. */
function getCallingDoctor(actor: Actor, { doctorId, appointmentId }: QueuedPatient, request: CallPatient): string {
  const requested = request.doctorId?.toLowerCase() ?? doctorId;
  if (requested === doctorId) return doctorId;
  if (actor.role === 'DOCTOR') throw forbidden('You can only call patients of your own queue.');
  if (appointmentId === null) return requested;
  throw invalid({ field: 'doctorId', error: 'is only for a patient without an appointment: move the appointment' });
}
