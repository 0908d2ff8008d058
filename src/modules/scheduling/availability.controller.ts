import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import { MaybeActor } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { AvailabilityQuery, EmptyAvailabilityMeta, NextAvailabilityQuery, SlotView } from './availability.dto.js';
import { AvailabilityService, type SlotList } from './availability.service.js';

@ApiTags('Availability')
@Controller('api/v1/availability')
export class AvailabilityController {
  constructor(private readonly availability: AvailabilityService) {}

  @Get()
  @Operation({
    summary: 'List the free times of a service',
    description:
      'Returns exactly the slots that the caller can book now: patients within their limits, people of the clinic with the notice and ' +
      'horizon of the front desk. Not paged: `from` and `to` limit the list. More than 50,000 slots ' +
      'are refused with `VALIDATION_ERROR` for `to`: request fewer days, or one doctor. An empty list has the reason in `meta`.',
    permission: 'public',
    answer: [SlotView],
    plainList: true,
    meta: EmptyAvailabilityMeta,
    errors: ['NOT_FOUND'],
  })
  list(@MaybeActor() actor: Actor | null, @Query() query: AvailabilityQuery): Promise<SlotList> {
    return this.availability.list(actor, query);
  }

  @Get('next')
  @Operation({
    summary: 'Find the earliest free times of each doctor of a service',
    permission: 'public',
    answer: [SlotView],
    plainList: true,
    meta: EmptyAvailabilityMeta,
    errors: ['NOT_FOUND'],
  })
  next(@MaybeActor() actor: Actor | null, @Query() query: NextAvailabilityQuery): Promise<SlotList> {
    return this.availability.next(actor, query);
  }
}
