import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Config } from '../../core/config/config.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { AppointmentsModule } from '../appointments/index.js';
import { ClientsModule } from '../clients/index.js';
import { SchedulingModule } from '../scheduling/index.js';
import { QueueChangesService } from './queue-changes.service.js';
import { QueueController } from './queue.controller.js';
import { QueueCountsRepository } from './queue-counts.repository.js';
import { QueueEntry } from './queue-entry.entity.js';
import { QueueListener } from './queue.listener.js';
import { QueueReader } from './queue-reader.js';
import { QueueRepository } from './queue.repository.js';
import { QueueService } from './queue.service.js';
import { WalkInBooking } from './walk-in-booking.js';
import { WalkInsService } from './walk-ins.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([QueueEntry]), AppointmentsModule, ClientsModule, SchedulingModule],
  controllers: [QueueController],
  providers: [
    QueueChangesService,
    QueueCountsRepository,
    QueueListener,
    QueueReader,
    QueueRepository,
    QueueService,
    WalkInBooking,
    WalkInsService,
  ],
  exports: [QueueService],
})
export class QueueModule {
  constructor({ VISIT_CHANGES_PER_10_MINUTES: points }: Config, limits: RateLimits) {
    limits.limitPermissions(['queue:manage'], { points, seconds: 600 });
  }
}
