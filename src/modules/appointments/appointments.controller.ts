import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import { PageQuery, type Page } from '../../core/http/page.js';
import { CurrentActor, IdParam, IfMatch } from '../../core/http/validation.js';
import type { Actor } from '../../core/security/actor.js';
import {
  AppointmentHistoryView,
  AppointmentsQuery,
  AppointmentView,
  BookAppointment,
  CancelQuery,
  ChangeAppointment,
} from './appointments.dto.js';
import { AppointmentsService } from './appointments.service.js';
import { AppointmentStatusService } from './appointment-status.service.js';
import { BookingService } from './booking.service.js';
import { ReinstatementService } from './reinstatement.service.js';
import { RescheduleService } from './reschedule.service.js';

@ApiTags('Appointments')
@Controller('api/v1/appointments')
export class AppointmentsController {
  constructor(
    private readonly appointments: AppointmentsService,
    private readonly booking: BookingService,
    private readonly rescheduling: RescheduleService,
    private readonly status: AppointmentStatusService,
    private readonly reinstatement: ReinstatementService,
  ) {}

  @Post()
  @Operation({
    summary: 'Book an appointment',
    description:
      'Doctor, patient, rooms and equipment are all free, or nothing happens. A patient who already holds as many ' +
      'upcoming appointments as the clinic allows (`policy.maxUpcomingPerClient`) gets `SLOT_NOT_OFFERED` with ' +
      '`details.reason: TOO_MANY_UPCOMING`; the front desk does not.',
    permission: 'appointment:book',
    status: 201,
    answer: AppointmentView,
    message: 'Booked.',
    idempotent: 'STORED_BY_USE_CASE',
    errors: ['NOT_FOUND', 'APPOINTMENT_CONFLICT', 'SLOT_NOT_OFFERED'],
  })
  book(@CurrentActor() actor: Actor, @Body() request: BookAppointment): Promise<AppointmentView> {
    return this.booking.book(actor, request);
  }

  @Get()
  @Operation({
    summary: 'List appointments',
    description: 'Patients see their own appointments, doctors those with them, the front desk those of its clinics.',
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
  get(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<AppointmentView> {
    return this.appointments.get(actor, id);
  }

  @Put(':id')
  @Operation({
    summary: 'Reschedule an appointment, or change its notes',
    description:
      'The old time is freed only when the new one is reserved. `notes` are what the patient wants to say; the patient may ' +
      'change them until the visit starts, then 409 `INVALID_TRANSITION`. `staffNotes` are for the doctor and the desk, and ' +
      'never shown to the patient. The history keeps the texts that were replaced.',
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
    @IfMatch() version: number | null,
  ): Promise<AppointmentView> {
    return this.rescheduling.change(actor, id, request, version);
  }

  @Delete(':id')
  @Operation({
    summary: 'Cancel an appointment',
    description:
      'Patients may cancel until the cut-off of the clinic, the front desk always. Frees the time; the record stays.',
    permission: 'appointment:cancel',
    answer: AppointmentView,
    message: 'Cancelled.',
    versioned: true,
    errors: ['NOT_FOUND', 'INVALID_TRANSITION', 'CANCELLATION_TOO_LATE'],
  })
  cancel(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Query() query: CancelQuery,
    @IfMatch() version: number | null,
  ): Promise<AppointmentView> {
    return this.status.cancel(actor, id, version, query.reason ?? null);
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
    description: 'From the start of the visit’s day at the clinic on; before it 409 with `details.reason` `TOO_EARLY`.',
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
      'Once the patient is checked in, or from 30 minutes before the start on; before it 409 with `details.reason` `TOO_EARLY`.',
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
      'Before the planned end, the rest of the time of doctor, patient, rooms and equipment is free at once (the service’s ' +
      'buffer follows the new end). `endDateTime` stays the planned end; `completedAt` is the real one.',
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
    description: 'From the start of the visit on; before it 409 with `details.reason` `TOO_EARLY`. Frees the time.',
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
      'Undoes a wrong check-in, start, completion, no-show or cancellation. The appointment returns to the status that its ' +
      'history has before that step: a cancelled one to `PENDING` or `CONFIRMED`, a no-show, a started and a checked-in one to ' +
      '`CONFIRMED`, a completed one to `IN_PROGRESS`. Time that the step gave back is reserved again; where something else ' +
      'has it by now, 409 `APPOINTMENT_CONFLICT` with other times, and nothing changes. The patient is told where a ' +
      'cancellation is undone, and reminders are planned again.',
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
    return this.reinstatement.reinstate(actor, id, version);
  }

  @Get(':id/history')
  @Operation({
    summary: 'List the changes of an appointment',
    description: 'Who changed what, when. A patient reads neither staff notes nor the names of other people.',
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
