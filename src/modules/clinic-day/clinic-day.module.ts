import { Module } from '@nestjs/common';
import { AppointmentsModule } from '../appointments/index.js';
import { QueueModule } from '../queue/index.js';
import { SchedulingModule } from '../scheduling/index.js';
import { DayController } from './day.controller.js';
import { DayFormatter } from './day-formatter.js';
import { DayService } from './day.service.js';

/** The day of a clinic, from schedules, appointments and the queue. */
@Module({
  imports: [AppointmentsModule, QueueModule, SchedulingModule],
  controllers: [DayController],
  providers: [DayFormatter, DayService],
})
export class ClinicDayModule {}
