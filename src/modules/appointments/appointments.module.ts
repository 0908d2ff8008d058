import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ClientsModule } from '../clients/index.js';
import { ClinicsModule } from '../clinics/index.js';
import { SchedulingModule } from '../scheduling/index.js';
import { AppointmentEventCodec } from './appointment-event.js';
import { AppointmentFacts } from './appointment-facts.js';
import { AppointmentEventsRepository } from './appointment-events.repository.js';
import { AppointmentsListener } from './appointments.listener.js';
import { AppointmentsController } from './appointments.controller.js';
import { AppointmentsRepository } from './appointments.repository.js';
import { AppointmentsService } from './appointments.service.js';
import { AttendanceService } from './attendance.service.js';
import { BookingService } from './booking.service.js';
import { ChangingService } from './changing.service.js';
import { ClaimService } from './claim.service.js';
import { ReinstatementService } from './reinstatement.service.js';
import { ReservationsRepository } from './reservations.repository.js';
import { UpcomingLimit } from './upcoming-limit.js';
import { Appointment } from './appointment.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([Appointment]), ClientsModule, ClinicsModule, SchedulingModule],
  controllers: [AppointmentsController],
  providers: [
    AppointmentEventCodec,
    AppointmentFacts,
    AppointmentEventsRepository,
    AppointmentsListener,
    AppointmentsRepository,
    AppointmentsService,
    AttendanceService,
    BookingService,
    ChangingService,
    ClaimService,
    ReinstatementService,
    ReservationsRepository,
    UpcomingLimit,
  ],
  exports: [AppointmentFacts, AppointmentsService, AttendanceService, BookingService],
})
export class AppointmentsModule {}
