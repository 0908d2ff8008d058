import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Config } from '../../core/config/config.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { BreakGlassModule } from '../break-glass/index.js';
import { ClientsModule } from '../clients/index.js';
import { ClinicsModule } from '../clinics/index.js';
import { PaymentsModule } from '../payments/index.js';
import { SchedulingModule } from '../scheduling/index.js';
import './appointment-error-details.js';
import { AppointmentChangeHooks } from './appointment-change-hooks.js';
import { AppointmentEventCodec } from './appointment-event.js';
import { AppointmentEventReader } from './appointment-event-reader.js';
import { AppointmentDetailsRepository } from './appointment-details.repository.js';
import { AppointmentsListener } from './appointments.listener.js';
import { AppointmentsController } from './appointments.controller.js';
import { AppointmentsRepository } from './appointments.repository.js';
import { AppointmentsService } from './appointments.service.js';
import { AppointmentTexts } from './appointment-texts.js';
import { AppointmentUpdater } from './appointment-updater.js';
import { AppointmentStatusService } from './appointment-status.service.js';
import { BookingService } from './booking.service.js';
import { BookingStatementRunner } from './booking-statement-runner.js';
import { ReferralHooks } from './referral-hooks.js';
import { BookingWriter } from './booking-writer.js';
import { BulkChange } from './bulk/bulk-change.entity.js';
import { BulkChangeVisit } from './bulk/bulk-change-visit.entity.js';
import { BulkVisitChanger } from './bulk/bulk-visit-changer.js';
import { BulkVisitFinder } from './bulk/bulk-visit-finder.js';
import { BulkTimes } from './bulk/bulk-times.js';
import { ClosedAccountsListener } from './closed-accounts.listener.js';
import { BulkController } from './bulk/bulk.controller.js';
import { BulkRepository } from './bulk/bulk.repository.js';
import { BulkService } from './bulk/bulk.service.js';
import { BulkSessionChanger } from './bulk/bulk-session-changer.js';
import { CancellationRefunds } from './cancellation-refunds.js';
import { PaidBookingService } from './paid-booking.service.js';
import { VisitPayableSource } from './visit-payable-source.js';
import { PayableVisits } from './payable-visits.js';
import { ConflictErrors } from './conflict-errors.js';
import { DayRepository } from './day.repository.js';
import { HeldTimesService } from './held-times.service.js';
import { GroupSessionSeats } from './group-session-seats.js';
import { GroupSessionsService } from './group-sessions.service.js';
import { HoldConversion } from './hold-conversion.js';
import { HoldSwapService } from './hold-swap.service.js';
import { HoldsController } from './holds.controller.js';
import { HoldsListener } from './holds.listener.js';
import { HoldsRepository } from './holds.repository.js';
import { HoldsService } from './holds.service.js';
import { ImportedBookings } from './imported-bookings.js';
import { ImportedHistory } from './imported-history.js';
import { ImportedVisitsService } from './imported-visits.service.js';
import { MergedVisitsListener } from './merged-visits.listener.js';
import { PatientTimesService } from './patient-times.service.js';
import { Rebooking } from './rebooking.entity.js';
import { RebookingService } from './rebooking.service.js';
import { RescheduleService } from './reschedule.service.js';
import { ResourcePicker } from './resource-picker.js';
import { ReservationsRepository } from './reservations.repository.js';
import { SeriesBookingService } from './series/series-booking.service.js';
import { AtomicChanges } from './atomic-changes.js';
import { SeriesChangesService } from './series/series-changes.service.js';
import { SeriesController } from './series/series.controller.js';
import { SeriesMembers } from './series/series-members.js';
import { SeriesPlanner } from './series/series-planner.js';
import { SeriesReserver } from './series/series-reserver.js';
import { SlotReserver } from './slot-reserver.js';
import { Appointment } from './appointment.entity.js';
import { AppointmentNoteChange } from './appointment-note-change.entity.js';
import { Hold } from './hold.entity.js';
import { Reservation } from './reservation.entity.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([
      Appointment,
      AppointmentNoteChange,
      BulkChange,
      BulkChangeVisit,
      Hold,
      Rebooking,
      Reservation,
    ]),
    BreakGlassModule,
    ClientsModule,
    ClinicsModule,
    PaymentsModule,
    SchedulingModule,
  ],
  controllers: [AppointmentsController, BulkController, HoldsController, SeriesController],
  providers: [
    AppointmentChangeHooks,
    AppointmentEventCodec,
    AppointmentEventReader,
    AppointmentDetailsRepository,
    AppointmentsListener,
    AppointmentsRepository,
    AppointmentsService,
    AppointmentTexts,
    AppointmentUpdater,
    AppointmentStatusService,
    BookingService,
    BookingStatementRunner,
    ReferralHooks,
    BookingWriter,
    CancellationRefunds,
    PaidBookingService,
    VisitPayableSource,
    PayableVisits,
    BulkRepository,
    BulkService,
    BulkSessionChanger,
    BulkTimes,
    BulkVisitChanger,
    BulkVisitFinder,
    ClosedAccountsListener,
    ConflictErrors,
    DayRepository,
    HeldTimesService,
    GroupSessionSeats,
    GroupSessionsService,
    HoldConversion,
    HoldSwapService,
    HoldsListener,
    ImportedBookings,
    ImportedHistory,
    ImportedVisitsService,
    MergedVisitsListener,
    HoldsRepository,
    HoldsService,
    PatientTimesService,
    RebookingService,
    RescheduleService,
    ResourcePicker,
    ReservationsRepository,
    AtomicChanges,
    SeriesBookingService,
    SeriesChangesService,
    SeriesMembers,
    SeriesPlanner,
    SeriesReserver,
    SlotReserver,
  ],
  exports: [
    AppointmentChangeHooks,
    AppointmentDetailsRepository,
    AppointmentEventReader,
    AppointmentsService,
    AppointmentStatusService,
    BookingService,
    ReferralHooks,
    DayRepository,
    HeldTimesService,
    HoldSwapService,
    ImportedVisitsService,
    PatientTimesService,
    RebookingService,
    RescheduleService,
    GroupSessionsService,
  ],
})
export class AppointmentsModule {
  constructor({ VISIT_CHANGES_PER_10_MINUTES: points }: Config, limits: RateLimits) {
    // One request sends messages to many patients.
    limits.limitPermissions(['appointment:bulk'], { points: Math.min(points, 60), seconds: 600 });
    limits.limitPermissions(['appointment:book', 'appointment:change', 'appointment:cancel'], { points, seconds: 600 });
  }
}
