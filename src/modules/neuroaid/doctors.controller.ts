import { Controller, Get, Header, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Config } from '../../core/config/config.js';
import { RawReply } from '../../core/http/careslot-adapter.js';
import { Operation } from '../../core/http/operation.js';
import { Page } from '../../core/http/page.js';
import { MaybeActor } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { DoctorsService } from '../doctors/index.js';
import { DoctorViews } from './doctor-views.js';
import { MobileDoctorsQuery, MobileDoctorView } from './doctors.dto.js';
import { ApiMobileId, MobileIdParam, type MobileId } from './mobile-id.js';
import { MobileIds } from './mobile-ids.service.js';
import { placeholderPicture } from './placeholder-picture.js';
import { mobilePaths } from './prefixes.js';
import { serverUrl } from './server-url.js';

@ApiTags('NeuroAid')
@Controller(mobilePaths('doctors'))
export class MobileDoctorsController {
  constructor(
    private readonly doctors: DoctorsService,
    private readonly views: DoctorViews,
    private readonly ids: MobileIds,
    private readonly config: Config,
  ) {}

  @Get()
  @Header('Cache-Control', 'no-store')
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
    @Req() request: Request,
  ): Promise<Page<MobileDoctorView>> {
    const page = await this.doctors.list(actor, { ...query, speciality: query.speciality ?? specialty });
    const items = await this.views.toViews(page.items, serverUrl(this.config, request));
    return new Page(items, page.limit, page.nextCursor, page.total);
  }

  @Get(':id')
  @ApiMobileId()
  @Header('Cache-Control', 'no-store')
  @Operation({
    summary: 'Get a doctor',
    permission: 'public',
    bare: true,
    answer: MobileDoctorView,
    errors: ['NOT_FOUND'],
  })
  async get(
    @MaybeActor() actor: Actor | null,
    @MobileIdParam() id: MobileId,
    @Req() request: Request,
  ): Promise<MobileDoctorView> {
    const doctor = await this.doctors.get(actor, await this.ids.getUuid('doctor', id));
    const [view] = await this.views.toViews([doctor], serverUrl(this.config, request));
    return view as MobileDoctorView;
  }

  @Get(':id/photo')
  @ApiMobileId()
  @Operation({
    summary: 'Get a placeholder photo of a doctor as PNG',
    permission: 'public',
    bare: true,
    rawContentType: 'image/png',
    errors: ['NOT_FOUND'],
  })
  async photo(@MaybeActor() actor: Actor | null, @MobileIdParam() id: MobileId): Promise<RawReply> {
    const doctor = await this.doctors.get(actor, await this.ids.getUuid('doctor', id));
    return new RawReply(await placeholderPicture(doctor.id), 'image/png', { 'Cache-Control': 'public, max-age=86400' });
  }
}
