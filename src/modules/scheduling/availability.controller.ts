import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import { AvailabilityQuery, NextAvailabilityQuery, SlotView } from './availability.dto.js';
import { AvailabilityService } from './availability.service.js';

@ApiTags('Availability')
@Controller('api/v1/availability')
export class AvailabilityController {
  constructor(private readonly availability: AvailabilityService) {}

  @Get()
  @Operation({
    summary: 'List the free times of a service',
    description:
      'Exactly the slots that a booking would accept at this moment. Not paged: `from` and `to` are the limit. More than ' +
      '50,000 slots give a `VALIDATION_ERROR` of `to`: request fewer days, or one doctor.',
    permission: 'public',
    answer: [SlotView],
    plainList: true,
    errors: ['NOT_FOUND'],
  })
  list(@Query() query: AvailabilityQuery): Promise<SlotView[]> {
    return this.availability.list(query);
  }

  @Get('next')
  @Operation({
    summary: 'Find the earliest free times of each doctor of a service',
    permission: 'public',
    answer: [SlotView],
    plainList: true,
    errors: ['NOT_FOUND'],
  })
  next(@Query() query: NextAvailabilityQuery): Promise<SlotView[]> {
    return this.availability.next(query);
  }
}
