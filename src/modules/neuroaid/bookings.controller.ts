import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import type { Actor } from '../../core/security/actor.js';
import { AppointmentsService, AttendanceService, BookingService, CancelQuery } from '../appointments/index.js';
import { BookingRequests } from './booking-requests.js';
import { BookingViews } from './booking-views.js';
import { MobileBookAppointment, MobileBookingsQuery, MobileBookingView } from './bookings.dto.js';
import { assertOwn } from './own-user.js';

@ApiTags('NeuroAid')
@Controller('api/bookings')
export class MobileBookingsController {
  constructor(
    private readonly appointments: AppointmentsService,
    private readonly booking: BookingService,
    private readonly attendance: AttendanceService,
    private readonly requests: BookingRequests,
    private readonly views: BookingViews,
  ) {}

  @Get()
  @Operation({
    summary: 'The appointments that you may see, the last booked first',
    description: 'A patient its own, a doctor those with him or her, the desk those of its clinics.',
    permission: 'appointment:read',
    bare: true,
    answer: [MobileBookingView],
    errors: ['BAD_CURSOR', 'NOT_FOUND'],
  })
  async list(
    @CurrentActor() actor: Actor,
    @Query() { userId, ...query }: MobileBookingsQuery,
  ): Promise<Page<MobileBookingView>> {
    assertOwn(actor, userId);
    return this.views.page(actor, await this.appointments.list(actor, query));
  }

  @Post()
  @Operation({
    summary: 'Book an appointment',
    permission: 'appointment:book',
    bare: true,
    status: 201,
    answer: MobileBookingView,
    idempotent: true,
    errors: ['NOT_FOUND', 'APPOINTMENT_CONFLICT', 'SLOT_NOT_OFFERED'],
  })
  async book(@CurrentActor() actor: Actor, @Body() request: MobileBookAppointment): Promise<MobileBookingView> {
    const appointment = await this.booking.book(actor, await this.requests.of(actor, request));
    return this.views.of(actor, appointment);
  }

  @Delete(':id')
  @Operation({
    summary: 'Cancel; the row stays',
    permission: 'appointment:cancel',
    bare: true,
    answer: MobileBookingView,
    errors: ['NOT_FOUND', 'INVALID_TRANSITION', 'CANCELLATION_TOO_LATE'],
  })
  async cancel(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Query() { reason }: CancelQuery,
  ): Promise<MobileBookingView> {
    return this.views.of(actor, await this.attendance.cancel(actor, id, null, reason ?? null));
  }
}
