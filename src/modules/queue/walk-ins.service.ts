import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { worksAt, type Actor } from '../../core/kernel/actor.js';
import { DomainError, forbidden, invalid, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { RegistrationService, type PossibleDuplicate } from '../clients/index.js';
import { toView } from './queue-access.js';
import { QueueReader, type Queue } from './queue-reader.js';
import type { AddWalkIn, SentWalkIn } from './queue.dto.js';
import { QueueRepository } from './queue.repository.js';
import { WalkInBooking, type RequestedWalkIn } from './walk-in-booking.js';

/** Adds patients who come without an appointment. */
@Injectable()
export class WalkInsService {
  constructor(
    private readonly registration: RegistrationService,
    private readonly entries: QueueRepository,
    private readonly queues: QueueReader,
    private readonly booking: WalkInBooking,
    private readonly changes: ChangeLog,
  ) {}

  /**
   * With a slot, books the next free time of today and checks the patient in; without one, the patient waits for a gap. Runs in a
   * transaction: everything is written, or nothing.
   * @throws DomainError SLOT_NOT_OFFERED with the reason FULL, ALREADY_EXISTS for a patient who waits already
   */
  async add(actor: Actor, request: AddWalkIn): Promise<SentWalkIn> {
    const clinicId = request.clinicId.toLowerCase();
    if (!worksAt(actor, clinicId)) throw notFound();
    if ((request.clientId === undefined) === (request.client === undefined))
      throw invalid({ field: 'clientId', error: 'is required, or `client` for a new patient; not both' });
    const serviceId = request.serviceId.toLowerCase();
    const doctorId = getDoctorId(actor, request);
    await this.booking.getRules(clinicId, serviceId, doctorId);
    return this.entries.locked(clinicId, async () => {
      const { clientId, possibleDuplicates } = await this.findOrRegister(actor, clinicId, request);
      const walkIn = { serviceId, clientId, doctorId };
      const withSlot = request.withSlot ?? true;
      const id = await (withSlot ? this.addWithSlot(actor, clinicId, walkIn) : this.addWithoutSlot(clinicId, walkIn));
      const queue = await this.queues.read(clinicId);
      const patient = queue.patients.find((one) => one.id === id);
      if (!patient) throw notFound();
      const view = toView(actor, clinicId, patient);
      await this.changes.record({
        action: 'queue.walk-in-added',
        objectType: 'queue_entry',
        objectId: id,
        clinicId,
        after: view,
        changes: { clientIds: [clientId], withSlot },
        event: { name: 'queue:updated', payload: { doctorIds: [patient.doctorId] } },
      });
      return { ...view, possibleDuplicates };
    });
  }

  private async findOrRegister(
    actor: Actor,
    clinicId: string,
    { clientId, client }: AddWalkIn,
  ): Promise<{ clientId: string; possibleDuplicates: PossibleDuplicate[] }> {
    if (client) {
      if (actor.role === 'DOCTOR') throw forbidden('Only the front desk may register patients.');
      const { id, possibleDuplicates } = await this.registration.register(actor, { ...client, clinicId });
      return { clientId: id, possibleDuplicates };
    }
    const id = (clientId ?? '').toLowerCase();
    if (!(await this.entries.mayQueue(actor, id))) throw notFound();
    return { clientId: id, possibleDuplicates: [] };
  }

  private async addWithSlot(actor: Actor, clinicId: string, walkIn: RequestedWalkIn): Promise<string> {
    const today = await this.entries.getToday(clinicId);
    const appointment = await this.booking.bookNextFree(actor, today, walkIn);
    await this.booking.checkIn(actor, appointment);
    return this.entries.markAsWalkIn(appointment.id);
  }

  private async addWithoutSlot(clinicId: string, { serviceId, clientId, doctorId }: RequestedWalkIn): Promise<string> {
    const queue = await this.queues.read(clinicId);
    const waits = queue.patients.some(
      (one) => one.appointmentId === null && one.clientId === clientId && one.serviceId === serviceId,
    );
    if (waits) throw new DomainError('ALREADY_EXISTS', 'This patient already waits for this service.');
    const chosen = doctorId ?? (await this.pickDoctor(queue, serviceId));
    const id = newId();
    await this.entries.addWalkIn(queue, { id, clientId, doctorId: chosen, serviceId });
    return id;
  }

  /** The doctor of the service for whom the fewest patients wait. */
  private async pickDoctor({ clinicId, patients }: Queue, serviceId: string): Promise<string> {
    const { doctors } = await this.booking.getRules(clinicId, serviceId, null);
    const count = (doctorId: string): number =>
      patients.filter((one) => one.doctorId === doctorId && one.status !== 'DONE').length;
    const [first] = doctors.map(({ doctorId }) => doctorId).sort((a, b) => count(a) - count(b));
    if (!first) throw new DomainError('SLOT_NOT_OFFERED', 'No doctor provides this service.', { reason: 'FULL' });
    return first;
  }
}

/** A doctor adds patients to their own queue only. */
function getDoctorId(actor: Actor, { doctorId }: AddWalkIn): string | null {
  const requested = doctorId?.toLowerCase() ?? null;
  if (actor.role !== 'DOCTOR') return requested;
  if (requested !== null && requested !== actor.doctorId)
    throw forbidden('You may add patients to your own queue only.');
  return actor.doctorId;
}
