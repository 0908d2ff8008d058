import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AnswerCache, EVERYTHING, type CachedReply } from '../../core/cache/answer-cache.js';
import { RawReply } from '../../core/http/careslot-adapter.js';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor, IdParam, IfMatch, MaybeActor } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { ChangeDoctor, CreateDoctor, DoctorsQuery, DoctorView } from './doctors.dto.js';
import { seesActiveDoctorsOnly } from './doctor.policy.js';
import { DoctorsService } from './doctors.service.js';

@ApiTags('Doctors')
@Controller('api/v1/doctors')
export class DoctorsController {
  constructor(
    private readonly doctors: DoctorsService,
    private readonly cache: AnswerCache,
  ) {
    cache.invalidateOnChange('doctor');
  }

  @Get()
  @Operation({ summary: 'Find doctors', permission: 'public', answer: [DoctorView], errors: ['BAD_CURSOR'] })
  list(@MaybeActor() actor: Actor | null, @Query() query: DoctorsQuery): CachedReply {
    return this.cache.answer({
      key: this.cache.toKey('doctors', query),
      scope: query.clinicId ?? EVERYTHING,
      load: () => this.doctors.list(actor, query),
      isShared: query.isActive,
    });
  }

  @Get(':id')
  @Operation({ summary: 'Get a doctor', permission: 'public', answer: DoctorView, errors: ['NOT_FOUND'] })
  get(@MaybeActor() actor: Actor | null, @IdParam() id: string): CachedReply {
    return this.cache.answer({
      key: `doctor ${id}`,
      scope: (doctor: DoctorView) => doctor.clinicId,
      load: () => this.doctors.get(actor, id),
      isShared: seesActiveDoctorsOnly(actor),
    });
  }

  @Get(':id/photo')
  @Operation({
    summary: 'Get the placeholder photo of a doctor',
    description: 'The initials of the doctor. `photoUrl` of a doctor without a photo leads here.',
    permission: 'public',
    rawContentType: 'image/svg+xml',
    errors: ['NOT_FOUND'],
  })
  async photo(@IdParam() id: string): Promise<RawReply> {
    return new RawReply(await this.doctors.getPlaceholderPhoto(id), 'image/svg+xml; charset=utf-8', {
      'Cache-Control': 'public, max-age=86400',
      // A browser opens an SVG as a document: it must not run or load anything.
      'Content-Security-Policy': "default-src 'none'; sandbox",
    });
  }

  @Post()
  @Operation({
    summary: 'Add a doctor to a clinic',
    permission: 'doctor:write',
    status: 201,
    answer: DoctorView,
    idempotent: true,
    errors: ['NOT_FOUND', 'ALREADY_EXISTS'],
  })
  create(@CurrentActor() actor: Actor, @Body() request: CreateDoctor): Promise<DoctorView> {
    return this.doctors.create(actor, request);
  }

  @Put(':id')
  @Operation({
    summary: 'Change a doctor',
    permission: 'doctor:write',
    answer: DoctorView,
    versioned: true,
    errors: ['NOT_FOUND', 'ALREADY_EXISTS'],
  })
  change(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() request: ChangeDoctor,
    @IfMatch() version: number | null,
  ): Promise<DoctorView> {
    return this.doctors.change(actor, id, request, version);
  }

  @Delete(':id')
  @Operation({
    summary: 'Remove a doctor who has no upcoming appointments',
    permission: 'doctor:write',
    errors: ['NOT_FOUND', 'IN_USE'],
  })
  remove(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<null> {
    return this.doctors.remove(actor, id);
  }
}
