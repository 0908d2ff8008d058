import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import type { Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { invalid } from '../../core/kernel/domain-error.js';
import { Zone } from '../../core/kernel/zone.js';
import {
  AppointmentChangeHooks,
  ReferralHooks,
  referralUsed,
  type ChangedAppointment,
  type ReferralHandler,
  type RequestedSlot,
  type ReferralTerms,
  type ReferralUse,
} from '../appointments/index.js';
import { ReferralUsesRepository, type UsableReferral } from './referral-uses.repository.js';

/** Uses referrals for bookings and holds, and gives them back when a booking is cancelled. */
@Injectable()
export class BookingReferrals implements ReferralHandler, OnModuleInit {
  constructor(
    private readonly referralHooks: ReferralHooks,
    private readonly hooks: AppointmentChangeHooks,
    private readonly uses: ReferralUsesRepository,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.referralHooks.register(this);
    this.hooks.on('cancelled', ({ id }) => this.uses.giveBack(id));
    this.hooks.on('reinstated', ({ id }) => this.uses.takeAgain(id, this.clock.now()));
    this.hooks.on('rescheduled', (appointment, _before, { actor }) => this.assertFits(appointment, actor));
  }

  async lock(use: ReferralUse, slot: RequestedSlot): Promise<{ doctorId: string | null }> {
    if (!use.clientId) throw invalid({ field: 'clientId', error: 'is required with a referral' });
    const referral = await this.uses.lock(use.referralId);
    if (referral?.clientId !== use.clientId) throw notOfPatient();
    if (referral.serviceId !== slot.serviceId) {
      throw invalid({ field: 'serviceId', error: 'is not the service of the referral' });
    }
    assertOnDay(referral, slot.start);
    if (referral.appointmentId) throw referralUsed();
    await this.uses.releaseExpiredHolds(use, this.clock.now());
    if (await this.uses.isHeldByOther(use)) throw referralUsed();
    return { doctorId: referral.doctorId };
  }

  async assign({ kind, id, referralId, clientId }: ReferralUse, { rules }: RequestedSlot): Promise<void> {
    if (kind === 'HOLD') return this.uses.assignToHold(referralId, id);
    if (!(await this.uses.assignToAppointment(referralId, id))) throw referralUsed();
    await this.changes.record({
      action: 'referral.used',
      objectType: 'referral',
      objectId: referralId,
      clinicId: rules.row.clinicId,
      changes: { appointmentId: id, clientIds: [clientId] },
      event: null,
    });
  }

  findGivenBack(appointmentId: string): Promise<{ id: string } | null> {
    return this.uses.findGivenBack(appointmentId, this.clock.now());
  }

  async findTerms(appointmentId: string): Promise<ReferralTerms | null> {
    const referral =
      (await this.uses.findByAppointment(appointmentId)) ??
      (await this.uses.findGivenBack(appointmentId, this.clock.now()));
    if (!referral) return null;
    const zone = Zone.of(referral.timeZone);
    const { validFrom, validTo, doctorId } = referral;
    return { during: { start: zone.startOfDay(validFrom), end: zone.startOfDay(zone.addDays(validTo, 1)) }, doctorId };
  }

  /** Patients move a visit only within its referral. The front desk may book without one. */
  private async assertFits({ id, startAt, doctorId }: ChangedAppointment, { role }: Actor): Promise<void> {
    const referral = role === 'CLIENT' ? await this.uses.findByAppointment(id) : null;
    if (!referral) return;
    assertOnDay(referral, startAt.getTime());
    if (referral.doctorId && referral.doctorId !== doctorId) {
      throw invalid({ field: 'doctorId', error: 'is not the doctor of the referral' });
    }
  }
}

const notOfPatient = () => invalid({ field: 'referralId', error: 'is not a referral of this patient' });

/** The days are local days of the clinic. */
function assertOnDay({ validFrom, validTo, timeZone }: UsableReferral, start: number): void {
  const day = Zone.of(timeZone).toDay(start);
  if (day >= validFrom && day <= validTo) return;
  throw invalid({ field: 'startDateTime', error: `must be from ${validFrom} to ${validTo}, the days of the referral` });
}
