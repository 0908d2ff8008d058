import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { newId } from '../../core/kernel/id.js';
import type { Actor } from '../../core/kernel/actor.js';
import type { PaidVisit } from '../payments/index.js';
import { BookingRulesService } from '../scheduling/index.js';
import type { AppointmentView } from './appointments.dto.js';
import { BookingWriter } from './booking-writer.js';
import { resolveHeldSlot } from './held-slot.js';
import { HoldConversion } from './hold-conversion.js';
import type { Hold } from './hold.entity.js';
import { newAppointment, newBooking } from './new-booking.js';
import { assertBookable, resolveSlot } from './requested-slot.js';
import { SlotReserver, type ReservedSlot } from './slot-reserver.js';

/** Books visits that are paid for, in the current transaction. */
@Injectable()
export class PaidBookingService {
  constructor(
    private readonly clock: Clock,
    private readonly rules: BookingRulesService,
    private readonly conversion: HoldConversion,
    private readonly reserver: SlotReserver,
    private readonly writer: BookingWriter,
  ) {}

  /** Books the held time. @returns the id of the appointment @throws DomainError HOLD_EXPIRED, and the errors of a booking */
  convert(paid: PaidVisit, hold: Hold): Promise<string> {
    const actor = toPayer(paid);
    return this.rules.withRules(paid.serviceId, async (rules) => {
      const slot = resolveHeldSlot(actor, rules, hold);
      return (await this.conversion.convert(actor, [slot], toRequest(paid), hold, paid)).id;
    });
  }

  /**
   * Books the same time after the hold has expired, if it is still free. Notice and horizon were checked when it was held.
   * @param hold the expired hold, whose referral is used; null if it is unknown
   * @throws DomainError the errors of a booking
   */
  bookAgain(paid: PaidVisit, hold: Hold | null): Promise<string> {
    const actor = toPayer(paid);
    const owner = { id: newId(), clientId: paid.clientId };
    const request = toRequest(paid);
    return this.rules.withRules(paid.serviceId, async (rules) => {
      const now = new Date(this.clock.now());
      const slot = resolveSlot(actor, rules.withOverride(), request);
      assertBookable(slot, now.getTime());
      const toAppointment = (reserved: ReservedSlot): AppointmentView => ({
        ...newAppointment(reserved.slot, { ...owner, price: paid.price }, {}, now),
        resourceIds: reserved.resourceIds,
        groupId: reserved.groupId,
      });
      await this.reserver.reserve([slot], { ...owner, referralId: hold?.referralId }, (reserved) =>
        this.writer.write({
          ...newBooking(actor, toAppointment(reserved), reserved, {}),
          paymentId: paid.paymentId,
        }),
      );
      return owner.id;
    });
  }
}

/** Who paid acts as the patient. A guardian keeps the own account. */
const toPayer = ({ payerId, clientId }: PaidVisit): Actor => ({
  userId: payerId,
  sessionId: payerId,
  role: 'CLIENT',
  clientId,
  doctorId: null,
  clinicIds: [],
});

const toRequest = ({ serviceId, doctorId, startAt, clientId }: PaidVisit) => ({
  serviceId,
  doctorId,
  clientId,
  startDateTime: startAt.toISOString(),
});
