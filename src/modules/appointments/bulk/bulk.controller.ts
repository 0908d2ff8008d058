import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../../core/http/operation.js';
import { CurrentActor } from '../../../core/http/validation.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { BulkChangeRequest, BulkResultView } from './bulk.dto.js';
import { BulkService } from './bulk.service.js';

@ApiTags('Appointments')
@Controller('api/v1/appointments/bulk')
export class BulkController {
  constructor(private readonly bulk: BulkService) {}

  @Post()
  @HttpCode(200)
  @Operation({
    summary: 'Cancel or move many appointments',
    description:
      'If one fails, the others are changed all the same; of a group session, all or none. Each patient gets one message. With an ' +
      'Idempotency-Key, a repetition after a crash continues where the first attempt ended.',
    permission: 'appointment:bulk',
    answer: [BulkResultView],
    plainList: true,
    idempotent: 'STORED_BY_USE_CASE',
    errors: ['NOT_FOUND'],
  })
  run(@CurrentActor() actor: Actor, @Body() request: BulkChangeRequest): Promise<BulkResultView[]> {
    return this.bulk.run(actor, request);
  }
}
