import { BullModule } from '@nestjs/bull';
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Config } from '../../core/config/config.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { AppointmentsModule } from '../appointments/index.js';
import { ClientsModule } from '../clients/index.js';
import { SchedulingModule } from '../scheduling/index.js';
import { ClosedOffers } from './closed-offers.js';
import { FollowedEntriesRepository } from './followed-entries.repository.js';
import { FreedTime } from './freed-time.entity.js';
import { FreedTimesRecorder } from './freed-times.recorder.js';
import { FreedTimesRepository } from './freed-times.repository.js';
import { OfferAnswers } from './offer-answers.js';
import { OfferClosing, WAITLIST_QUEUE } from './offer-closing.js';
import { OfferDetailsReader } from './offer-details.reader.js';
import { OfferRecorder } from './offer-recorder.js';
import { OfferingService } from './offering.service.js';
import { OffersRepository } from './offers.repository.js';
import { OffersService } from './offers.service.js';
import { OpenedTimesRecorder } from './opened-times.recorder.js';
import { OverdueEntries } from './overdue-entries.js';
import { WaitedDaysRepository } from './waited-days.repository.js';
import { WaitlistController } from './waitlist.controller.js';
import { WaitlistEntriesService } from './waitlist-entries.service.js';
import { WaitlistEntry } from './waitlist-entry.entity.js';
import { WaitlistFollower } from './waitlist-follower.js';
import { WaitlistListener } from './waitlist.listener.js';
import { WaitlistOffer } from './waitlist-offer.entity.js';
import { WaitlistRepository } from './waitlist.repository.js';
import { WaitlistProcessor } from './waitlist.processor.js';
import { WaitlistService } from './waitlist.service.js';
import { WaitlistWorker } from './waitlist-worker.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([FreedTime, WaitlistEntry, WaitlistOffer]),
    AppointmentsModule,
    BullModule.registerQueue({ name: WAITLIST_QUEUE }),
    ClientsModule,
    SchedulingModule,
  ],
  controllers: [WaitlistController],
  providers: [
    ClosedOffers,
    FollowedEntriesRepository,
    FreedTimesRecorder,
    FreedTimesRepository,
    OfferAnswers,
    OfferClosing,
    OfferDetailsReader,
    OfferingService,
    OfferRecorder,
    OffersRepository,
    OffersService,
    OpenedTimesRecorder,
    OverdueEntries,
    WaitedDaysRepository,
    WaitlistEntriesService,
    WaitlistFollower,
    WaitlistListener,
    WaitlistRepository,
    WaitlistService,
    WaitlistWorker,
  ],
  exports: [BullModule, OfferDetailsReader, OffersRepository, OffersService, WaitlistService, WaitlistWorker],
})
export class WaitlistModule {
  constructor({ VISIT_CHANGES_PER_10_MINUTES: points }: Config, limits: RateLimits) {
    limits.limitPermissions(['waitlist:change'], { points, seconds: 600 });
  }
}

/** The processor of the queue, for processes that run jobs. */
@Module({ imports: [WaitlistModule], providers: [WaitlistProcessor] })
export class WaitlistProcessorModule {}
