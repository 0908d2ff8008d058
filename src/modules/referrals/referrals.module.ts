import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Config } from '../../core/config/config.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { AppointmentsModule } from '../appointments/index.js';
import { ClientsModule } from '../clients/index.js';
import { SchedulingModule } from '../scheduling/index.js';
import { Referral } from './referral.entity.js';
import { BookingReferrals } from './booking-referrals.js';
import { ReferralUsesRepository } from './referral-uses.repository.js';
import { ReferralsController } from './referrals.controller.js';
import { ReferralsRepository } from './referrals.repository.js';
import { ReferralsService } from './referrals.service.js';
import { ReviewReferrals } from './review-referrals.js';
import { ReviewsRepository } from './reviews.repository.js';

@Module({
  imports: [TypeOrmModule.forFeature([Referral]), AppointmentsModule, ClientsModule, SchedulingModule],
  controllers: [ReferralsController],
  providers: [
    BookingReferrals,
    ReferralUsesRepository,
    ReferralsRepository,
    ReferralsService,
    ReviewReferrals,
    ReviewsRepository,
  ],
  exports: [ReferralsService],
})
export class ReferralsModule {
  constructor({ VISIT_CHANGES_PER_10_MINUTES: points }: Config, limits: RateLimits) {
    limits.limitPermissions(['referral:write'], { points, seconds: 600 });
  }
}
