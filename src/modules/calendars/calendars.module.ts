import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RateLimits } from '../../core/security/rate-limits.js';
import { AppointmentsModule } from '../appointments/index.js';
import { AppointmentCalendarsController } from './appointment-calendars.controller.js';
import { AppointmentCalendarsService } from './appointment-calendars.service.js';
import { CalendarFeed } from './calendar-feed.entity.js';
import { CalendarFeedsService } from './calendar-feeds.service.js';
import { CalendarsController } from './calendars.controller.js';
import { CalendarsRepository } from './calendars.repository.js';
import { FeedContentService } from './feed-content.service.js';

const MINUTE_SECONDS = 60;

@Module({
  imports: [TypeOrmModule.forFeature([CalendarFeed]), AppointmentsModule],
  controllers: [AppointmentCalendarsController, CalendarsController],
  providers: [AppointmentCalendarsService, CalendarFeedsService, CalendarsRepository, FeedContentService],
})
export class CalendarsModule {
  constructor(limits: RateLimits) {
    limits.define({
      // Of one feed: by the address, programs of many people would count as one, because their servers read the feeds.
      calendarFeed: { points: 60, seconds: 10 * MINUTE_SECONDS },
      calendarFeedCreation: { points: 30, seconds: 60 * MINUTE_SECONDS },
    });
  }
}
