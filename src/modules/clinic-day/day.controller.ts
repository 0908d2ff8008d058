import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { RawReply } from '../../core/http/careslot-adapter.js';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { DayQuery, DayView, type SentDay } from './day.dto.js';
import { DayFormatter } from './day-formatter.js';
import { DayService } from './day.service.js';

@ApiTags('Appointments')
@Controller('api/v1/clinics')
export class DayController {
  constructor(
    private readonly days: DayService,
    private readonly formatter: DayFormatter,
  ) {}

  @Get(':id/day')
  @Operation({
    summary: 'Get the day of a clinic',
    description:
      'Doctors with hours, closures and free time, appointments, holds, queue, counts and waiting times. A DOCTOR sees their ' +
      'own appointments; those of other doctors are busy times without names. One entry of the audit log.',
    permission: 'day:read',
    answer: DayView,
    alsoAs: ['application/pdf', 'text/csv', 'text/calendar'],
    errors: ['NOT_FOUND'],
  })
  async get(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Query() query: DayQuery,
  ): Promise<SentDay | RawReply> {
    return this.formatter.format(await this.days.get(actor, id, query), query.format);
  }
}
