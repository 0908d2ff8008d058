import { Body, Controller, Get, Headers, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor } from '../../core/http/validation.js';
import type { Actor } from '../../core/security/actor.js';
import { StrokeAssessmentRequest, StrokeAssessmentsQuery } from './stroke.dto.js';
import { StrokeService } from './stroke.service.js';
import { StrokeAssessmentView } from './stroke.view.js';

@ApiTags('Stroke assessment')
@Controller('api/v1/ai')
export class StrokeController {
  constructor(private readonly stroke: StrokeService) {}

  @Post('stroke-assessment')
  @Operation({
    summary: 'How urgent it is, and every score that can be computed',
    description:
      'Decision support that needs the review of a clinician. Any sign answers CALL_EMERGENCY first, also after it went ' +
      'away; no score lowers the level. An item that is left out is never a zero: its score stays null and names it.',
    permission: 'stroke:assess',
    status: 201,
    answer: StrokeAssessmentView,
    idempotent: true,
    errors: ['NOT_FOUND'],
  })
  assess(
    @CurrentActor() actor: Actor,
    @Body() request: StrokeAssessmentRequest,
    @Headers('accept-language') acceptLanguage?: string,
  ): Promise<StrokeAssessmentView> {
    return this.stroke.assess(actor, request, acceptLanguage);
  }

  @Get('stroke-assessments')
  @Operation({
    summary: 'Your own assessments; for a doctor those of his or her patients. The read is audited',
    permission: 'stroke:read',
    answer: [StrokeAssessmentView],
    errors: ['BAD_CURSOR'],
  })
  list(@CurrentActor() actor: Actor, @Query() query: StrokeAssessmentsQuery): Promise<Page<StrokeAssessmentView>> {
    return this.stroke.list(actor, query);
  }
}
