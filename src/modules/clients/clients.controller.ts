import { Body, Controller, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor, IdParam, IfMatch } from '../../core/http/validation.js';
import type { Actor } from '../../core/security/actor.js';
import { ChangeClient, ClientsQuery, ClientView, CreateClient } from './clients.dto.js';
import { ClientsService } from './clients.service.js';

@ApiTags('Clients')
@Controller('api/v1/clients')
export class ClientsController {
  constructor(private readonly clients: ClientsService) {}

  @Get()
  @Operation({
    summary: 'The patients of your clinics; a doctor’s own patients',
    description: 'Somebody whom no clinic knows yet is found only by the whole address or telephone number.',
    permission: 'client:read',
    answer: [ClientView],
    errors: ['BAD_CURSOR'],
  })
  list(@CurrentActor() actor: Actor, @Query() query: ClientsQuery): Promise<Page<ClientView>> {
    return this.clients.list(actor, query);
  }

  @Post()
  @Operation({
    summary: 'A patient who came to the desk; needs no password',
    permission: 'client:write',
    status: 201,
    answer: ClientView,
    idempotent: true,
    errors: ['EMAIL_TAKEN'],
  })
  create(@CurrentActor() actor: Actor, @Body() request: CreateClient): Promise<ClientView> {
    return this.clients.create(actor, request);
  }

  @Get(':id')
  @Operation({
    summary: 'One patient record; the read is audited',
    permission: 'client:read',
    answer: ClientView,
    errors: ['NOT_FOUND'],
  })
  get(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<ClientView> {
    return this.clients.get(actor, id);
  }

  @Put(':id')
  @Operation({
    summary: 'Change a patient record',
    permission: 'client:write',
    answer: ClientView,
    versioned: true,
    errors: ['NOT_FOUND'],
  })
  change(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() request: ChangeClient,
    @IfMatch() version: number | null,
  ): Promise<ClientView> {
    return this.clients.change(actor, id, request, version);
  }
}
