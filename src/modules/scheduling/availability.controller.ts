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
    summary: 'The free times of a service',
    description:
      'Exactly the slots that a booking would accept at this moment. Not paged: the window is the limit. One that ' +
      'takes in more than 50,000 slots is a `VALIDATION_ERROR` of `to`: ask for fewer days, or for one doctor.',
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
    summary: 'The earliest free times of every doctor of a service',
    permission: 'public',
    answer: [SlotView],
    plainList: true,
    errors: ['NOT_FOUND'],
  })
  next(@Query() query: NextAvailabilityQuery): Promise<SlotView[]> {
    return this.availability.next(query);
  }
}
