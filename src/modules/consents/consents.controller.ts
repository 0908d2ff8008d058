import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { ConsentsView, RecordConsent } from './consents.dto.js';
import { ConsentsService } from './consents.service.js';

@ApiTags('Privacy')
@Controller('api/v1/users/:id/consents')
export class ConsentsController {
  constructor(private readonly consents: ConsentsService) {}

  @Get()
  @Operation({
    summary: 'Get the consents of a user: your own, or those of a patient of your clinics',
    permission: 'consent:record',
    answer: ConsentsView,
    errors: ['NOT_FOUND'],
  })
  get(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<ConsentsView> {
    return this.consents.get(actor, id);
  }

  @Post()
  @Operation({
    summary: 'Record or withdraw a consent',
    description: `A withdrawal takes effect at once. \`AI_CHAT\`: the chat answers without a model; emergency texts stay.
      \`CLINIC_MESSAGES\`: messages from clinics reach only the inbox. \`EMAIL\`, \`SMS\`, \`PUSH\`: nothing is sent through that
      channel, except messages about the security of the account. Without a record, all of them are allowed.`,
    permission: 'consent:record',
    status: 201,
    answer: ConsentsView,
    idempotent: true,
    errors: ['NOT_FOUND', 'RATE_LIMITED'],
  })
  record(@CurrentActor() actor: Actor, @IdParam() id: string, @Body() request: RecordConsent): Promise<ConsentsView> {
    return this.consents.record(actor, id, request);
  }
}
