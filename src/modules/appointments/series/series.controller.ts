import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../../core/http/operation.js';
import { CurrentActor } from '../../../core/http/validation.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { GuardianAccess } from '../../clients/index.js';
import { SeriesBookingService } from './series-booking.service.js';
import { BookSeries, SeriesView } from './series.dto.js';

@ApiTags('Appointments')
@Controller('api/v1/appointments/series')
export class SeriesController {
  constructor(
    private readonly booking: SeriesBookingService,
    private readonly guardians: GuardianAccess,
  ) {}

  @Post()
  @Operation({
    summary: 'Book a series of appointments',
    description:
      'Books every time of the rule, or nothing; with `skipConflicts`, those that are possible. The error of a time that is not ' +
      'possible lists all such times with free ones near them in `details.occurrences`. The rule is expanded in the clinic’s zone: ' +
      'the local time stays across clock changes, and a time that the clocks skip is left out. Without `doctorId`, one doctor is ' +
      'chosen for the series. The limits for patients count all appointments. The patient gets one message for the series.',
    permission: 'appointment:book',
    status: 201,
    answer: SeriesView,
    message: 'Booked.',
    idempotent: 'STORED_BY_USE_CASE',
    errors: ['PAYMENT_REQUIRED', 'NOT_FOUND', 'APPOINTMENT_CONFLICT', 'SLOT_NOT_OFFERED'],
  })
  async book(@CurrentActor() actor: Actor, @Body() request: BookSeries): Promise<SeriesView> {
    return this.booking.book(await this.guardians.actFor(actor, request.clientId), request);
  }
}
