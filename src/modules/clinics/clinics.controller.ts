import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AnswerCache, EVERYTHING, type CachedReply } from '../../core/cache/answer-cache.js';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor, IdParam, IfMatch, MaybeActor } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { FreshProof } from '../../core/security/fresh-proof.js';
import { managesAny } from './clinic.policy.js';
import { ChangeClinic, ClinicsQuery, ClinicView, CreateClinic } from './clinics.dto.js';
import { ClinicsService } from './clinics.service.js';

@ApiTags('Clinics')
@Controller('api/v1/clinics')
export class ClinicsController {
  constructor(
    private readonly clinics: ClinicsService,
    private readonly cache: AnswerCache,
    private readonly freshProof: FreshProof,
  ) {
    cache.invalidateOnChange('clinic');
  }

  @Get()
  @Operation({ summary: 'List clinics', permission: 'public', answer: [ClinicView], errors: ['BAD_CURSOR'] })
  list(@MaybeActor() actor: Actor | null, @Query() query: ClinicsQuery): CachedReply {
    return this.cache.answer({
      key: this.cache.toKey('clinics', query),
      scope: EVERYTHING,
      load: () => this.clinics.list(actor, query),
      isShared: !managesAny(actor),
    });
  }

  @Get(':id')
  @Operation({ summary: 'Get a clinic', permission: 'public', answer: ClinicView, errors: ['NOT_FOUND'] })
  get(@MaybeActor() actor: Actor | null, @IdParam() id: string): CachedReply {
    return this.cache.answer({
      key: `clinic ${id}`,
      scope: id,
      load: () => this.clinics.getFor(actor, id),
      isShared: !managesAny(actor),
    });
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
    description:
      'Removing a role from `policy.mfaRequiredRoles` requires fresh proof of identity: `POST /auth/reauthenticate`, or `password` and `otp` ' +
      'in the body.',
    permission: 'clinic:write',
    answer: ClinicView,
    versioned: true,
    errors: ['NOT_FOUND', 'FORBIDDEN'],
  })
  async change(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() { password, otp, ...changes }: ChangeClinic,
    @IfMatch() version: number | null,
  ): Promise<ClinicView> {
    const relaxesMfa = await this.clinics.relaxesMfaPolicy(actor, id, changes);
    if (relaxesMfa) await this.freshProof.assert(actor, { password, otp });
    return this.clinics.change(actor, id, changes, { version, mayRelaxMfa: relaxesMfa });
  }

  @Delete(':id')
  @Operation({
    summary: 'Delete a clinic without doctors, services, resources, registered patients and appointments',
    permission: 'clinic:write',
    errors: ['NOT_FOUND', 'IN_USE'],
  })
  remove(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<null> {
    return this.clinics.remove(actor, id);
  }
}
