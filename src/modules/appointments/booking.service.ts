import { Injectable } from '@nestjs/common';
import { v5 } from 'uuid';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { allInOrder } from '../../core/kernel/all-in-order.js';
import { forbidden, invalid, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import { isDeskOf, type Actor } from '../../core/security/actor.js';
import { ClientsService } from '../clients/index.js';
import { OfferService, doctorsOf, rangeOf, type Offer } from '../scheduling/index.js';
import type { AppointmentView, BookAppointment } from './appointments.dto.js';
import { AppointmentEventCodec } from './appointment-event.js';
import { ClaimService, type Wish } from './claim.service.js';
import type { NewAppointment } from './reservations.repository.js';
import { slotNotOffered } from './appointment.errors.js';
import { UpcomingLimit } from './upcoming-limit.js';

export const STAFF_NOTES = 'Only the doctor and the front desk write staff notes.';

const MINUTE = 60_000;

/**
 * The start that is asked for, epoch milliseconds. Outside of the grid it is the minute that has begun: a walk-in's start is
 * the moment at which the desk pressed the button.
 */
export function startOf({ startDateTime, overrideHours }: StartRequest): number {
  const start = Date.parse(startDateTime);
  return overrideHours ? start - (start % MINUTE) : start;
}

interface StartRequest {
  startDateTime: string;
  overrideHours?: boolean;
}

/** The namespace of the ids of group sessions. */
const GROUP_NAMESPACE = '6f2f5a1e-7f0b-5d5c-9c39-0f6d1c0f7a55';

/** A slot that was asked for, with all that was read to judge it. */
export interface Wanted {
  offer: Offer;
  doctorId: string;
  doctorResourceId: string;
  start: number;
}

@Injectable()
export class BookingService {
  constructor(
    private readonly db: Database,
    private readonly offers: OfferService,
    private readonly clients: ClientsService,
    private readonly claims: ClaimService,
    private readonly limit: UpcomingLimit,
    private readonly changes: ChangeLog,
    private readonly events: AppointmentEventCodec,
  ) {}

  /**
   * Books doctor, patient, rooms and equipment together, or nothing.
   * @throws DomainError APPOINTMENT_CONFLICT with up to three other times, SLOT_NOT_OFFERED with the reason
   */
  async book(actor: Actor, request: BookAppointment): Promise<AppointmentView> {
    const start = startOf(request);
    if (actor.role === 'CLIENT' && request.staffNotes != null) throw forbidden(STAFF_NOTES);
    return this.db.transaction(async () => {
      const [wanted, clientId] = await allInOrder(
        this.wantAtOwnClinic(actor, request.serviceId, request.doctorId, start),
        this.clientOf(actor, request.clientId),
      );
      this.assertOffered(actor, wanted, request.overrideHours === true);
      const wish = wishOf(wanted, clientId, request);
      this.claims.assertNotTaken(wish);
      const [, view] = await allInOrder(
        this.limit.assertRoom(actor, wanted.offer.clinicId),
        this.claims.book(actor, newAppointment(actor, wanted, clientId, request), wish),
      );
      const clientUserId = await this.userOf(actor, clientId);
      const audience = { clientUserId, timeZone: wanted.offer.timeZone };
      await this.changes.record({
        action: 'appointment.booked',
        objectType: 'appointment',
        objectId: view.id,
        clinicId: view.clinicId,
        after: view,
        changes: { status: [null, view.status], ...(request.overrideHours && { overrideHours: true }) },
        event: {
          name: 'appointment:created',
          payload: this.events.payload(view, audience, { action: 'booked' }),
        },
      });
      return view;
    });
  }

  /** @throws DomainError NOT_FOUND for a service that isn't offered, VALIDATION_ERROR for a doctor who doesn't give it */
  async want(serviceId: string, doctorId: string, start: number): Promise<Wanted> {
    const offer = await this.offers.around(serviceId, doctorId, start);
    if (!offer) throw notFound();
    const doctor = doctorsOf(offer)[0];
    if (!doctor) throw invalid({ field: 'doctorId', error: 'is not a doctor who gives this service' });
    return { offer, doctorId: doctor.doctorId, doctorResourceId: doctor.id, start };
  }

  private async wantAtOwnClinic(actor: Actor, serviceId: string, doctorId: string, start: number): Promise<Wanted> {
    const wanted = await this.want(serviceId, doctorId, start);
    if (actor.role !== 'CLIENT' && !isDeskOf(actor, wanted.offer.clinicId))
      throw forbidden('You do not work at this clinic.');
    return wanted;
  }

  /** Hours, grid, notice and horizon hold for every role; the desk may say that they shall not, and it is audited. */
  assertOffered(actor: Actor, { offer, start }: Wanted, override: boolean): void {
    if (override) {
      if (!isDeskOf(actor, offer.clinicId)) throw forbidden('Only the front desk may book outside of the hours.');
      return;
    }
    const doctor = doctorsOf(offer)[0];
    const reason = doctor && this.offers.refusal(offer, doctor, start);
    if (reason) throw slotNotOffered(reason);
  }

  private async userOf(actor: Actor, clientId: string): Promise<string> {
    const userId = actor.role === 'CLIENT' ? actor.userId : (await this.clients.userIdsOf([clientId])).get(clientId);
    if (!userId) throw notFound();
    return userId;
  }

  private async clientOf(actor: Actor, clientId: string | undefined): Promise<string> {
    if (actor.role === 'CLIENT') {
      if (!actor.clientId || (clientId && clientId.toLowerCase() !== actor.clientId)) throw notFound();
      return actor.clientId;
    }
    if (!clientId) throw invalid({ field: 'clientId', error: 'must say for whom' });
    if (!(await this.clients.isBookable(actor, clientId))) throw notFound();
    return clientId.toLowerCase();
  }
}

function newAppointment(actor: Actor, wanted: Wanted, clientId: string, request: BookAppointment): NewAppointment {
  const { offer, doctorId, start } = wanted;
  return {
    id: newId(),
    clinicId: offer.clinicId,
    clientId,
    doctorId,
    serviceId: offer.serviceId,
    resourceIds: [],
    groupId: groupOf(wanted),
    seat: null,
    range: rangeOf(offer, start),
    status: offer.requiresConfirmation ? 'PENDING' : 'CONFIRMED',
    notes: request.notes ?? null,
    staffNotes: request.staffNotes ?? null,
    priceMinor: offer.priceMinor,
    currency: offer.currency,
    createdBy: actor.userId,
  };
}

/** The seats of one service at one doctor's and one time are a session, whose id follows from these three. */
export const groupOf = ({ offer, doctorId, start }: Wanted): string | null =>
  offer.capacity > 1 ? v5(`${offer.serviceId} ${doctorId} ${start}`, GROUP_NAMESPACE) : null;

export const wishOf = (
  wanted: Wanted,
  clientId: string,
  { resourceIds = [], overrideHours = false }: Pick<BookAppointment, 'resourceIds' | 'overrideHours'>,
): Wish => ({
  ...wanted,
  clientId,
  resourceIds: [...new Set(resourceIds.map((id) => id.toLowerCase()))],
  overrideHours,
});
