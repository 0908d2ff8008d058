import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import { PageQuery, type Page } from '../../core/http/page.js';
import { CurrentActor, IdParam, IfMatch } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { AppointmentHistoryView } from './appointment-history.dto.js';
import { AppointmentsQuery, AppointmentView, BookAppointment, ChangeAppointment } from './appointments.dto.js';
import { ExpandQuery } from './short-objects.dto.js';
import { GuardianAccess } from '../clients/index.js';
import { AppointmentsService } from './appointments.service.js';
import { AppointmentStatusService } from './appointment-status.service.js';
import { BookingService } from './booking.service.js';
import { SeriesChangesService } from './series/series-changes.service.js';
import { CancelAppointmentQuery, ChangeQuery } from './series/series.dto.js';

@ApiTags('Appointments')
@Controller('api/v1/appointments')
export class AppointmentsController {
  constructor(
    private readonly appointments: AppointmentsService,
    private readonly booking: BookingService,
    private readonly changes: SeriesChangesService,
    private readonly status: AppointmentStatusService,
    private readonly guardians: GuardianAccess,
  ) {}

  @Post()
  @Operation({
    summary: 'Book an appointment',
    description:
      'Reserves the doctor, the patient, rooms and equipment together, or nothing. A patient who already has as many ' +
      'upcoming appointments as the clinic allows (`policy.maxUpcomingPerClient`) gets `SLOT_NOT_OFFERED` with ' +
      '`details.reason: TOO_MANY_UPCOMING`; this limit does not apply to the front desk. With `holdId`, a held time is booked; its ' +
      'appointment has the id of the hold. Without `doctorId`, the least busy of the free doctors is booked.',
    permission: 'appointment:book',
    status: 201,
    answer: AppointmentView,
    message: 'Booked.',
    idempotent: 'STORED_BY_USE_CASE',
    errors: ['PAYMENT_REQUIRED', 'NOT_FOUND', 'APPOINTMENT_CONFLICT', 'SLOT_NOT_OFFERED', 'HOLD_EXPIRED'],
  })
  async book(@CurrentActor() actor: Actor, @Body() request: BookAppointment): Promise<AppointmentView> {
    return this.booking.book(await this.guardians.actFor(actor, request.clientId), request);
  }

  @Get()
  @Operation({
    summary: 'List appointments',
    description:
      'Patients see their own appointments, doctors see the appointments with them, the front desk sees those of its clinics. ' +
      'A list is one entry of the audit log.',
    permission: 'appointment:read',
    answer: [AppointmentView],
    errors: ['BAD_CURSOR'],
  })
  list(@CurrentActor() actor: Actor, @Query() query: AppointmentsQuery): Promise<Page<AppointmentView>> {
    return this.appointments.list(actor, query);
  }

  @Get(':id')
  @Operation({
    summary: 'Get an appointment',
    permission: 'appointment:read',
    answer: AppointmentView,
    errors: ['NOT_FOUND'],
  })
  get(@CurrentActor() actor: Actor, @IdParam() id: string, @Query() { expand }: ExpandQuery): Promise<AppointmentView> {
    return this.appointments.get(actor, id, expand);
  }

  @Put(':id')
  @Operation({
    summary: 'Reschedule an appointment, or change its notes',
    description:
      'Frees the old time only when the new time is reserved. `notes` are visible to the patient, who may change them until ' +
      'the visit starts; after that: 409 `INVALID_TRANSITION`. `staffNotes` are for the doctor and the front desk and never ' +
      'shown to the patient. The history keeps replaced texts. With `scope`, the change is made to several appointments of a ' +
      'series, or to none: a new time moves each by the same local time.',
    permission: 'appointment:change',
    answer: AppointmentView,
    versioned: true,
    errors: [
      'NOT_FOUND',
      'APPOINTMENT_CONFLICT',
      'SLOT_NOT_OFFERED',
      'INVALID_TRANSITION',
      'CANCELLATION_TOO_LATE',
      'FORBIDDEN',
    ],
  })
  change(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() request: ChangeAppointment,
    @Query() { scope }: ChangeQuery,
    @IfMatch() version: number | null,
  ): Promise<AppointmentView> {
    return this.changes.change(actor, id, request, { scope, version });
  }

  @Delete(':id')
  @Operation({
    summary: 'Cancel an appointment',
    description:
      'Patients may cancel until the clinic’s cut-off, the front desk always. Frees the time and keeps the record. With ' +
      '`scope`, several appointments of a series are cancelled, or none. Payments are refunded by the policy; if the clinic ' +
      'cancels, in full.',
    permission: 'appointment:cancel',
    answer: AppointmentView,
    message: 'Cancelled.',
    versioned: true,
    errors: ['NOT_FOUND', 'INVALID_TRANSITION', 'CANCELLATION_TOO_LATE'],
  })
  cancel(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Query() { scope, reason, requestedBy }: CancelAppointmentQuery,
    @IfMatch() version: number | null,
  ): Promise<AppointmentView> {
    return this.changes.cancel(actor, id, { reason, requestedBy }, { scope, version });
  }

  @Post(':id/confirm')
  @Operation({
    summary: 'Confirm a pending appointment',
    permission: 'appointment:attend',
    answer: AppointmentView,
    versioned: true,
    errors: ['NOT_FOUND', 'INVALID_TRANSITION'],
  })
  confirm(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @IfMatch() version: number | null,
  ): Promise<AppointmentView> {
    return this.status.confirm(actor, id, version);
  }

  @Post(':id/check-in')
  @Operation({
    summary: 'Check a patient in',
    description:
      'Allowed from the start of the visit’s day at the clinic; before that: 409 with `details.reason` `TOO_EARLY`.',
    permission: 'appointment:attend',
    answer: AppointmentView,
    versioned: true,
    errors: ['NOT_FOUND', 'INVALID_TRANSITION'],
  })
  checkIn(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @IfMatch() version: number | null,
  ): Promise<AppointmentView> {
    return this.status.checkIn(actor, id, version);
  }

  @Post(':id/start')
  @Operation({
    summary: 'Start a visit',
    description:
      'Allowed after the check-in, or from 30 minutes before the planned start; before that: 409 with `details.reason` `TOO_EARLY`.',
    permission: 'appointment:attend',
    answer: AppointmentView,
    versioned: true,
    errors: ['NOT_FOUND', 'INVALID_TRANSITION'],
  })
  start(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @IfMatch() version: number | null,
  ): Promise<AppointmentView> {
    return this.status.start(actor, id, version);
  }

  @Post(':id/complete')
  @Operation({
    summary: 'Complete a visit',
    description:
      'If the visit ends before its planned end, the rest of the reserved time is free at once (the service’s buffer follows ' +
      'the new end). `endDateTime` stays the planned end; `completedAt` is the actual end.',
    permission: 'appointment:attend',
    answer: AppointmentView,
    versioned: true,
    errors: ['NOT_FOUND', 'INVALID_TRANSITION'],
  })
  complete(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @IfMatch() version: number | null,
  ): Promise<AppointmentView> {
    return this.status.complete(actor, id, version);
  }

  @Post(':id/no-show')
  @Operation({
    summary: 'Mark an appointment as a no-show',
    description:
      'Allowed from the start of the visit; before that: 409 with `details.reason` `TOO_EARLY`. Frees the time.',
    permission: 'appointment:attend',
    answer: AppointmentView,
    versioned: true,
    errors: ['NOT_FOUND', 'INVALID_TRANSITION'],
  })
  noShow(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @IfMatch() version: number | null,
  ): Promise<AppointmentView> {
    return this.status.noShow(actor, id, version);
  }

  @Post(':id/reinstate')
  @Operation({
    summary: 'Undo the last step of an appointment',
    description:
      'Undoes a wrong check-in, start, completion, no-show or cancellation. The appointment returns to its previous status: ' +
      'from `CANCELLED` to `PENDING` or `CONFIRMED`, from `COMPLETED` to `IN_PROGRESS`, otherwise to `CONFIRMED`. Time that ' +
      'the step freed is reserved again; if it is no longer free: 409 `APPOINTMENT_CONFLICT` with other times, and nothing ' +
      'changes. After an undone cancellation, the patient gets a message and reminders are planned again.',
    permission: 'appointment:attend',
    answer: AppointmentView,
    message: 'Reinstated.',
    versioned: true,
    errors: ['NOT_FOUND', 'INVALID_TRANSITION', 'APPOINTMENT_CONFLICT'],
  })
  reinstate(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @IfMatch() version: number | null,
  ): Promise<AppointmentView> {
    return this.status.reinstate(actor, id, version);
  }

  @Get(':id/history')
  @Operation({
    summary: 'List the changes of an appointment',
    description: 'Who changed what, and when. Patients see neither staff notes nor the names of other people.',
    permission: 'appointment:read',
    answer: [AppointmentHistoryView],
    errors: ['NOT_FOUND', 'BAD_CURSOR'],
  })
  history(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Query() query: PageQuery,
  ): Promise<Page<AppointmentHistoryView>> {
    return this.appointments.history(actor, id, query);
  }
}
