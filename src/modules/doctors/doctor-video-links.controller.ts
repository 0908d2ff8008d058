import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor, IdParam, IfMatch } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { ChangeVideoLink, DoctorVideoLinkView } from './doctor-video-links.dto.js';
import { DoctorVideoLinksService } from './doctor-video-links.service.js';

@ApiTags('Doctors')
@Controller('api/v1/doctors')
export class DoctorVideoLinksController {
  constructor(private readonly links: DoctorVideoLinksService) {}

  @Get(':id/video-link')
  @Operation({
    summary: 'Get the link to join video visits with a doctor',
    description: 'For the doctor, and for managers of the clinic. Patients get it with their video visits.',
    permission: 'doctor:video-link',
    answer: DoctorVideoLinkView,
    errors: ['NOT_FOUND'],
  })
  get(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<DoctorVideoLinkView> {
    return this.links.get(actor, id);
  }

  @Put(':id/video-link')
  @Operation({
    summary: 'Set the link to join video visits with a doctor',
    permission: 'doctor:video-link',
    answer: DoctorVideoLinkView,
    versioned: true,
    errors: ['NOT_FOUND'],
  })
  set(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() body: ChangeVideoLink,
    @IfMatch() version: number | null,
  ): Promise<DoctorVideoLinkView> {
    return this.links.set(actor, id, body, version);
  }
}
