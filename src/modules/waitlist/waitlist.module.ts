import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Config } from '../../core/config/config.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { AppointmentsModule } from '../appointments/index.js';
import { ClientsModule } from '../clients/index.js';
import { SchedulingModule } from '../scheduling/index.js';
import { FreedTime } from './freed-time.entity.js';
import { WaitlistController } from './waitlist.controller.js';
import { WaitlistEntries } from './waitlist-entries.service.js';
import { WaitlistEntry } from './waitlist-entry.entity.js';
import { WaitlistOffer } from './waitlist-offer.entity.js';
import { WaitlistRepository } from './waitlist.repository.js';
import { WaitlistService } from './waitlist.service.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([FreedTime, WaitlistEntry, WaitlistOffer]),
    AppointmentsModule,
    ClientsModule,
    SchedulingModule,
  ],
  controllers: [WaitlistController],
  providers: [WaitlistEntries, WaitlistRepository, WaitlistService],
})
export class WaitlistModule {
  constructor({ VISIT_CHANGES_PER_10_MINUTES: points }: Config, limits: RateLimits) {
    limits.limitPermissions(['waitlist:change'], { points, seconds: 600 });
  }
}
