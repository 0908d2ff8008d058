import { Controller, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../http/operation.js';
import { IdParam } from '../http/validation.js';
import { ParkedEventView } from './outbox.dto.js';
import { ParkedEventsService } from './parked-events.service.js';

@ApiTags('Operations')
@Controller('api/v1/outbox')
export class OutboxController {
  constructor(private readonly events: ParkedEventsService) {}

  @Get('parked')
  @Operation({
    summary: 'List the hundred oldest parked events',
    permission: 'outbox:manage',
    answer: [ParkedEventView],
    plainList: true,
  })
  parked(): Promise<ParkedEventView[]> {
    return this.events.list();
  }

  @Post(':id/replay')
  @Operation({
    summary: 'Retry a parked event',
    permission: 'outbox:manage',
    message: 'The event will be retried.',
    errors: ['NOT_FOUND'],
  })
  replay(@IdParam() id: string): Promise<null> {
    return this.events.replay(id);
  }
}
