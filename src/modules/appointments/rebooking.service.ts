import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Actor } from '../../core/kernel/actor.js';
import type { AppointmentView } from './appointments.dto.js';
import { ReferralHooks } from './referral-hooks.js';
import { BookingService } from './booking.service.js';
import { Rebooking } from './rebooking.entity.js';

interface RebookingRequest {
  serviceId: string;
  /** Default: any doctor of the service. */
  doctorId?: string;
  startDateTime: string;
}

/** Books a cancelled appointment again, once, for its patient. Other features decide who may: whoever has a link of its message. */
@Injectable()
export class RebookingService {
  constructor(
    private readonly db: Database,
    private readonly booking: BookingService,
    private readonly referrals: ReferralHooks,
  ) {}

  /** The appointment that was booked instead of a cancelled one; null if there is none. */
  async findAppointmentId(cancelledId: string): Promise<string | null> {
    const found = await this.db.repository(Rebooking).findOneBy({ cancelledId });
    return found?.appointmentId ?? null;
  }

  /**
   * The row comes first: a second booking waits for it, and is refused when the first one is committed.
   * @param actor the patient, or a guardian who acts for the patient
   * @returns null if the appointment was booked again before
   * @throws DomainError as BookingService.book
   */
  book(actor: Actor, cancelledId: string, request: RebookingRequest): Promise<AppointmentView | null> {
    return this.db.transaction(async () => {
      const rebookings = this.db.repository(Rebooking);
      const inserted = await rebookings
        .createQueryBuilder()
        .insert()
        .values({ cancelledId })
        .orIgnore()
        .returning('cancelled_id')
        .execute();
      if ((inserted.raw as unknown[]).length === 0) return null;
      const referralId = (await this.referrals.findGivenBack(cancelledId)) ?? undefined;
      const booked = await this.booking.book(actor, { ...request, referralId }, 'LINK');
      await rebookings.update({ cancelledId }, { appointmentId: booked.id });
      return booked;
    });
  }
}
