import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { Clock } from '../../core/kernel/clock.js';
import type { DomainError } from '../../core/kernel/domain-error.js';
import { AlternativesService, toSlotView, type Range, type SlotView } from '../scheduling/index.js';
import { appointmentConflict } from './appointment.errors.js';
import type { AppointmentSlot } from './requested-slot.js';
import type { ReservedKind } from './reservation.entity.js';
import { ReservationsRepository } from './reservations.repository.js';

/** How far around the start the patient's other appointments are read: at least as far as AlternativesService searches. */
const PATIENT_TIMES_MILLISECONDS = 15 * 86_400_000;

/** Without a doctor: none of them is free. */
type ConflictingSlot = Omit<AppointmentSlot, 'doctorId'> & { doctorId: string | null };

/** Creates the errors for slots that are not free, with other slots that are. */
@Injectable()
export class ConflictErrors {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly reservations: ReservationsRepository,
    private readonly alternatives: AlternativesService,
  ) {}

  /** APPOINTMENT_CONFLICT with up to three other slots. In a transaction they are searched after the rollback, when nothing is locked. */
  async create(kind: ReservedKind, slot: ConflictingSlot, clientId: string | null): Promise<DomainError> {
    const error = appointmentConflict(kind);
    if (slot.isTentative) return error;
    const addAlternatives = async (): Promise<void> => {
      error.details = { conflictingWith: kind, alternatives: await this.findAlternatives(slot, clientId) };
    };
    if (this.db.inTransaction) error.afterRollback = addAlternatives;
    else await addAlternatives();
    return error;
  }

  /**
   * Up to three free slots near a slot that is not free.
   * @param alsoBusy when the patient is also busy
   */
  async findAlternatives(
    slot: ConflictingSlot,
    clientId: string | null,
    alsoBusy: readonly Range[] = [],
  ): Promise<SlotView[]> {
    const { serviceId, doctorId, start, resourceIds, isForDesk, overrideHours, movedId } = slot;
    // Alternatives to a past time, such as that of a reinstated visit, start from now.
    const around = Math.max(start, this.clock.now());
    const near = { start: around - PATIENT_TIMES_MILLISECONDS, end: around + PATIENT_TIMES_MILLISECONDS };
    const clientBusy = [...(clientId ? await this.reservations.findBusyTimes(clientId, near) : []), ...alsoBusy];
    const slots = await this.alternatives.find({
      serviceId,
      doctorId,
      start,
      resourceIds,
      isForDesk,
      overrideHours,
      clientBusy,
      ...(!isForDesk && clientId && { limited: { clientId, movedId } }),
    });
    return slots.map(toSlotView);
  }
}
