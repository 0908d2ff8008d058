import { Body, Controller, Get, Headers, Post, Query } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
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
  @ApiBody({ type: StrokeAssessmentRequest })
  @Operation({
    summary: 'Assess signs of a stroke and compute scores',
    description:
      'Decision support that needs the review of a clinician. Any sign answers CALL_EMERGENCY first, also after it went ' +
      'away; no score lowers the level. With a positive sign the answer is a 201 whatever else is wrong in the body: what ' +
      'is wrong is named in `notComputed` and left out. Where the body is refused although it may show a sign, the ' +
      '`message` of the error begins with the call to make. An item that is left out is never a zero: its score stays ' +
      'null and names it.',
    permission: 'stroke:assess',
    status: 201,
    answer: StrokeAssessmentView,
    idempotent: true,
    errors: ['NOT_FOUND'],
  })
  assess(
    @CurrentActor() actor: Actor,
    @Body() request: object,
    @Headers('accept-language') acceptLanguage?: string,
  ): Promise<StrokeAssessmentView> {
    return this.stroke.assess(actor, request, acceptLanguage);
  }

  @Get('stroke-assessments')
  @Operation({
    summary: 'List stroke assessments',
    description: 'Your own; for a doctor those of the patients with an appointment. The read is audited.',
    permission: 'stroke:read',
    answer: [StrokeAssessmentView],
    errors: ['BAD_CURSOR'],
  })
  list(@CurrentActor() actor: Actor, @Query() query: StrokeAssessmentsQuery): Promise<Page<StrokeAssessmentView>> {
    return this.stroke.list(actor, query);
  }
}
