import { Body, Controller, Delete, Get, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import {
  AppointmentsService,
  AppointmentStatusService,
  BookingService,
  CancelQuery,
  type AppointmentView,
} from '../appointments/index.js';
import { BookingRequests } from './booking-requests.js';
import { BookingViews } from './booking-views.js';
import {
  MobileBookAppointment,
  MobileBookingsQuery,
  MobileBookingsView,
  MobileBookingView,
  MobileChangeBooking,
} from './bookings.dto.js';
import { ApiMobileId, MobileIdParam, type MobileId } from './mobile-id.js';
import { setPageHeaders } from './page-headers.js';
import { mobilePaths } from './prefixes.js';

@ApiTags('NeuroAid')
@Controller(mobilePaths('bookings'))
export class MobileBookingsController {
  constructor(
    private readonly appointments: AppointmentsService,
    private readonly booking: BookingService,
    private readonly status: AppointmentStatusService,
    private readonly requests: BookingRequests,
    private readonly views: BookingViews,
  ) {}

  @Get()
  @Operation({
    summary: 'List appointments, last booked first',
    description:
      'Patients see their own appointments, doctors see the appointments with them, the front desk sees those of its clinics.',
    permission: 'appointment:read',
    bare: true,
    answer: MobileBookingsView,
    errors: ['BAD_CURSOR', 'NOT_FOUND'],
  })
  async list(
    @CurrentActor() actor: Actor,
    @Query() query: MobileBookingsQuery,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<MobileBookingsView> {
    const page = await this.appointments.list(actor, await this.requests.toAppointmentsQuery(actor, query));
    setPageHeaders(request, response, page);
    return { bookings: await this.views.toViews(page.items) };
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
  async book(@CurrentActor() actor: Actor, @Body() body: MobileBookAppointment): Promise<MobileBookingView> {
    return this.toView(await this.booking.book(actor, await this.requests.toBookAppointment(actor, body)));
  }

  @Patch(':id')
  @ApiMobileId()
  @Operation({
    summary: 'Cancel an appointment by changing its status',
    permission: 'appointment:cancel',
    bare: true,
    answer: MobileBookingView,
    errors: ['NOT_FOUND', 'INVALID_TRANSITION', 'CANCELLATION_TOO_LATE'],
  })
  change(
    @CurrentActor() actor: Actor,
    @MobileIdParam() id: MobileId,
    @Body() _body: MobileChangeBooking,
  ): Promise<MobileBookingView> {
    return this.cancelAndView(actor, id, null);
  }

  @Delete(':id')
  @ApiMobileId()
  @Operation({
    summary: 'Cancel an appointment and keep it in the list',
    permission: 'appointment:cancel',
    bare: true,
    answer: MobileBookingView,
    errors: ['NOT_FOUND', 'INVALID_TRANSITION', 'CANCELLATION_TOO_LATE'],
  })
  cancel(
    @CurrentActor() actor: Actor,
    @MobileIdParam() id: MobileId,
    @Query() { reason }: CancelQuery,
  ): Promise<MobileBookingView> {
    return this.cancelAndView(actor, id, reason ?? null);
  }

  private async cancelAndView(actor: Actor, id: MobileId, reason: string | null): Promise<MobileBookingView> {
    return this.toView(await this.status.cancel(actor, await this.requests.getUuid(id), { reason }));
  }

  private async toView(appointment: AppointmentView): Promise<MobileBookingView> {
    const [view] = await this.views.toViews([appointment]);
    return view as MobileBookingView;
  }
}
