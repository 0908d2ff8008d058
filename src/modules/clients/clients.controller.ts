import { Body, Controller, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor, IdParam, IfMatch } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import {
  ChangeClient,
  ClientsQuery,
  ClientView,
  ClientQuery,
  CreateClient,
  RegisteredClientView,
} from './clients.dto.js';
import { ClientsService } from './clients.service.js';
import { RegistrationService } from './registration.service.js';

@ApiTags('Clients')
@Controller('api/v1/clients')
export class ClientsController {
  constructor(
    private readonly clients: ClientsService,
    private readonly registration: RegistrationService,
  ) {}

  @Get()
  @Operation({
    summary: 'List the patients of your clinics, or a doctor’s own patients',
    description: `A clinic's patients are those whom it registered and those who have an appointment there that is not cancelled.
      A patient without a clinic is found only by their complete e-mail address or telephone number. The request is audited.`,
    permission: 'client:read',
    answer: [ClientView],
    errors: ['BAD_CURSOR'],
  })
  list(@CurrentActor() actor: Actor, @Query() query: ClientsQuery): Promise<Page<ClientView>> {
    return this.clients.list(actor, query);
  }

  @Post()
  @Operation({
    summary: 'Register a patient at the front desk',
    description: `The patient needs no password: they get an invitation, by mail or by SMS. \`possibleDuplicates\` lists records that may belong to the same person. An MRN
      that another patient of the clinic already has is refused.`,
    permission: 'client:write',
    status: 201,
    answer: RegisteredClientView,
    idempotent: true,
    errors: ['EMAIL_TAKEN', 'ALREADY_EXISTS'],
  })
  create(@CurrentActor() actor: Actor, @Body() request: CreateClient): Promise<RegisteredClientView> {
    return this.registration.register(actor, request);
  }

  @Get(':id')
  @Operation({
    summary: 'Get a patient record',
    description: 'Returns the record number and notes of your clinic. The read is audited.',
    permission: 'client:read',
    answer: ClientView,
    errors: ['NOT_FOUND'],
  })
  get(@CurrentActor() actor: Actor, @IdParam() id: string, @Query() query: ClientQuery): Promise<ClientView> {
    return this.clients.get(actor, id, query.clinicId);
  }

  @Put(':id')
  @Operation({
    summary: 'Change a patient record',
    description: `Record number and notes belong to your clinic alone; give \`clinicId\` if the patient belongs to several of
      your clinics. Only a clinic of the patient may change the record: book an appointment or register them first.`,
    permission: 'client:write',
    answer: ClientView,
    versioned: true,
    errors: ['NOT_FOUND', 'FORBIDDEN', 'ALREADY_EXISTS'],
  })
  change(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Query() query: ClientQuery,
    @Body() request: ChangeClient,
    @IfMatch() version: number | null,
  ): Promise<ClientView> {
    return this.clients.change(actor, id, { ...query, ...request }, version);
  }
}
