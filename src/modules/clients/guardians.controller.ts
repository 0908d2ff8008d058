import { Body, Controller, Delete, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { AddGuardian, ChildView, GuardianView } from './guardians.dto.js';
import { GuardiansService } from './guardians.service.js';

@ApiTags('Clients')
@Controller('api/v1/clients')
export class GuardiansController {
  constructor(private readonly guardians: GuardiansService) {}

  @Get(':id/guardians')
  @Operation({
    summary: 'List the guardians of a patient',
    description: 'Those who may act for the patient now. The request is audited.',
    permission: 'guardian:manage',
    answer: [GuardianView],
    plainList: true,
    errors: ['NOT_FOUND'],
  })
  list(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<GuardianView[]> {
    return this.guardians.list(actor, id);
  }

  @Post(':id/guardians')
  @Operation({
    summary: 'Link a guardian to a patient',
    description: `Your clinic must have access to both. The guardian books, reads and is notified for the patient until the 18th
      birthday, by passing the patient's \`clientId\`. \`details.reason\` of INVALID_TRANSITION: \`NO_DATE_OF_BIRTH\`, \`ADULT\`,
      \`TOO_MANY_GUARDIANS\`.`,
    permission: 'guardian:manage',
    status: 201,
    answer: GuardianView,
    idempotent: true,
    errors: ['NOT_FOUND', 'FORBIDDEN', 'ALREADY_EXISTS', 'INVALID_TRANSITION'],
  })
  add(@CurrentActor() actor: Actor, @IdParam() id: string, @Body() { clientId }: AddGuardian): Promise<GuardianView> {
    return this.guardians.add(actor, id, clientId.toLowerCase());
  }

  @Delete(':id/guardians/:guardianId')
  @Operation({
    summary: 'End a guardian’s link to a patient',
    description: 'Effective at once. `guardianId` is the id of the link, or the guardian’s `clientId`.',
    permission: 'guardian:manage',
    errors: ['NOT_FOUND', 'FORBIDDEN'],
  })
  end(@CurrentActor() actor: Actor, @IdParam() id: string, @IdParam('guardianId') guardianId: string): Promise<null> {
    return this.guardians.end(actor, id, guardianId);
  }

  @Get(':id/children')
  @Operation({
    summary: 'List the patients for whom you may act as a guardian',
    description: '`id` is your own `clientId`.',
    permission: 'guardian:own',
    answer: [ChildView],
    plainList: true,
    errors: ['NOT_FOUND'],
  })
  listChildren(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<ChildView[]> {
    return this.guardians.listChildren(actor, id);
  }
}
