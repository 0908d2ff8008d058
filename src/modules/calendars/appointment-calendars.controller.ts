import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { RawReply } from '../../core/http/careslot-adapter.js';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { AppointmentCalendarsService } from './appointment-calendars.service.js';
import { calendarReply } from './calendar-reply.js';

@ApiTags('Calendars')
@Controller('api/v1/appointments')
export class AppointmentCalendarsController {
  constructor(private readonly calendars: AppointmentCalendarsService) {}

  @Get(':id/calendar.ics')
  @Operation({
    summary: 'Get the calendar file of an appointment',
    description: 'RFC 5545. The file of a cancelled appointment removes it. A doctor gets the patient’s initials.',
    permission: 'appointment:read',
    rawContentType: 'text/calendar',
    otherAnswers: { 304: 'The appointment has not changed since the given ETag.' },
    errors: ['NOT_FOUND'],
  })
  async get(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<RawReply> {
    return calendarReply(await this.calendars.get(actor, id), 'appointment.ics');
  }
}
