import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Config, publicUrl } from '../../core/config/config.js';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { IdParam, MaybeActor } from '../../core/http/validation.js';
import type { Actor } from '../../core/security/actor.js';
import { DoctorsService } from '../doctors/index.js';
import { doctorViewOf, MobileDoctorsQuery, MobileDoctorView } from './doctors.dto.js';

@ApiTags('NeuroAid')
@Controller('api/doctors')
export class MobileDoctorsController {
  constructor(
    private readonly doctors: DoctorsService,
    private readonly config: Config,
  ) {}

  @Get()
  @Operation({
    summary: 'Find doctors',
    permission: 'public',
    bare: true,
    answer: [MobileDoctorView],
    errors: ['BAD_CURSOR'],
  })
  async list(
    @MaybeActor() actor: Actor | null,
    @Query() { specialty, ...query }: MobileDoctorsQuery,
  ): Promise<Page<MobileDoctorView>> {
    const page = await this.doctors.list(actor, { ...query, speciality: query.speciality ?? specialty });
    return page.map((doctor) => doctorViewOf(doctor, publicUrl(this.config)));
  }

  @Get(':id')
  @Operation({
    summary: 'One doctor',
    permission: 'public',
    bare: true,
    answer: MobileDoctorView,
    errors: ['NOT_FOUND'],
  })
  async get(@MaybeActor() actor: Actor | null, @IdParam() id: string): Promise<MobileDoctorView> {
    return doctorViewOf(await this.doctors.get(actor, id), publicUrl(this.config));
  }
}
