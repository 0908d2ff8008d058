import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AnswerCache, EVERYTHING, type CachedReply } from '../../core/cache/answer-cache.js';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor, IdParam, IfMatch } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { ChangeClinic, ClinicsQuery, ClinicView, CreateClinic } from './clinics.dto.js';
import { ClinicsService } from './clinics.service.js';

@ApiTags('Clinics')
@Controller('api/v1/clinics')
export class ClinicsController {
  constructor(
    private readonly clinics: ClinicsService,
    private readonly cache: AnswerCache,
  ) {
    cache.follow('clinic');
  }

  @Get()
  @Operation({ summary: 'List clinics', permission: 'public', answer: [ClinicView], errors: ['BAD_CURSOR'] })
  list(@Query() query: ClinicsQuery): CachedReply {
    const key = this.cache.toKey('clinics', query);
    return this.cache.answer({ key, scope: EVERYTHING, load: () => this.clinics.list(query) });
  }

  @Get(':id')
  @Operation({ summary: 'Get a clinic', permission: 'public', answer: ClinicView, errors: ['NOT_FOUND'] })
  get(@IdParam() id: string): CachedReply {
    return this.cache.answer({ key: `clinic ${id}`, scope: id, load: () => this.clinics.get(id) });
  }

  @Post()
  @Operation({
    summary: 'Create a clinic',
    permission: 'clinic:write',
    status: 201,
    answer: ClinicView,
    idempotent: true,
  })
  create(@CurrentActor() actor: Actor, @Body() request: CreateClinic): Promise<ClinicView> {
    return this.clinics.create(actor, request);
  }

  @Put(':id')
  @Operation({
    summary: 'Change a clinic or its booking policy',
    permission: 'clinic:write',
    answer: ClinicView,
    versioned: true,
    errors: ['NOT_FOUND'],
  })
  change(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() request: ChangeClinic,
    @IfMatch() version: number | null,
  ): Promise<ClinicView> {
    return this.clinics.change(actor, id, request, version);
  }

  @Delete(':id')
  @Operation({
    summary: 'Delete a clinic that nothing refers to',
    permission: 'clinic:write',
    errors: ['NOT_FOUND', 'IN_USE'],
  })
  remove(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<null> {
    return this.clinics.remove(actor, id);
  }
}
