import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { getAccountId, type Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { newId } from '../../core/kernel/id.js';
import { Zone } from '../../core/kernel/zone.js';
import { AppointmentChangeHooks } from '../appointments/index.js';
import { toReferralChange } from './referral-change.js';
import { toReminderDay, toReviewWindow } from './referral-window.js';
import { ReferralsRepository } from './referrals.repository.js';
import { ReviewsRepository } from './reviews.repository.js';

/**
 * The rule "review in three months": a completed visit of a service with `reviewAfterMonths` gives its patient a referral, once. If the
 * completion is undone, the referral is withdrawn, unless it was used.
 */
@Injectable()
export class ReviewReferrals implements OnModuleInit {
  constructor(
    private readonly hooks: AppointmentChangeHooks,
    private readonly reviews: ReviewsRepository,
    private readonly referrals: ReferralsRepository,
    private readonly changes: ChangeLog,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.hooks.on('completed', ({ id }, _before, { actor }) => this.create(id, actor));
    this.hooks.on('reinstated', ({ id }, _before, { actor }) => this.withdraw(id, actor));
  }

  private async create(appointmentId: string, actor: Actor): Promise<void> {
    const review = await this.reviews.findNeeded(appointmentId);
    if (!review) return;
    const { timeZone, afterMonths, startAt, ...parties } = review;
    const [now, zone] = [this.clock.now(), Zone.of(timeZone)];
    const window = toReviewWindow(afterMonths, { visit: zone.toDay(startAt.getTime()), today: zone.toDay(now) });
    // A visit that is completed long after it took place needs no review any more.
    if (!window) return;
    const referral = {
      id: newId(),
      ...parties,
      doctorId: null,
      ...window,
      reason: null,
      appointmentId: null,
      createdAt: new Date(now),
    };
    const remindOn = toReminderDay(window, zone.toDay(now));
    await this.referrals.insert({
      ...referral,
      createdBy: getAccountId(actor),
      remindOn,
      reviewedId: appointmentId,
    });
    await this.changes.record(toReferralChange('created', referral, actor));
  }

  private async withdraw(appointmentId: string, actor: Actor): Promise<void> {
    const referral = await this.reviews.lockUnused(appointmentId, this.clock.now());
    if (!referral) return;
    await this.referrals.delete(referral.id);
    await this.changes.record(toReferralChange('deleted', referral, actor));
  }
}
