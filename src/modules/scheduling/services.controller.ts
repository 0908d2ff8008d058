import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AnswerCache, EVERYTHING, type CachedReply } from '../../core/cache/answer-cache.js';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor, IdParam, IfMatch, MaybeActor } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { ChangeService, CreateService, ServicesQuery, ServiceView } from './services.dto.js';
import { ServicesService } from './services.service.js';

@ApiTags('Services')
@Controller('api/v1/services')
export class ServicesController {
  constructor(
    private readonly services: ServicesService,
    private readonly cache: AnswerCache,
  ) {
    cache.invalidateOnChange('service');
  }

  @Get()
  @Operation({ summary: 'List services', permission: 'public', answer: [ServiceView], errors: ['BAD_CURSOR'] })
  list(@MaybeActor() actor: Actor | null, @Query() query: ServicesQuery): CachedReply {
    return this.cache.answer({
      key: this.cache.toKey('services', query),
      scope: query.clinicId ?? EVERYTHING,
      load: () => this.services.list(actor, query),
      isShared: query.isActive,
    });
  }

  @Get(':id')
  @Operation({ summary: 'Get a service', permission: 'public', answer: ServiceView, errors: ['NOT_FOUND'] })
  get(@IdParam() id: string): CachedReply {
    const scope = (service: ServiceView): string => service.clinicId;
    return this.cache.answer({ key: `service ${id}`, scope, load: () => this.services.get(id) });
  }

  @Post()
  @Operation({
    summary: 'Create a service',
    permission: 'service:write',
    status: 201,
    answer: ServiceView,
    idempotent: true,
  })
  create(@CurrentActor() actor: Actor, @Body() request: CreateService): Promise<ServiceView> {
    return this.services.create(actor, request);
  }

  @Put(':id')
  @Operation({
    summary: 'Change a service',
    permission: 'service:write',
    answer: ServiceView,
    versioned: true,
    errors: ['NOT_FOUND'],
  })
  change(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() request: ChangeService,
    @IfMatch() version: number | null,
  ): Promise<ServiceView> {
    return this.services.change(actor, id, request, version);
  }

  @Delete(':id')
  @Operation({
    summary: 'Delete a service that is not booked',
    permission: 'service:write',
    errors: ['NOT_FOUND', 'IN_USE'],
  })
  remove(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<null> {
    return this.services.remove(actor, id);
  }
}
