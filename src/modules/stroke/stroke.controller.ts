import { Body, Controller, Get, Headers, Post, Query } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { StrokeAssessmentRequest, StrokeAssessmentsQuery } from './stroke.dto.js';
import { StrokeService } from './stroke.service.js';
import { StrokeAssessmentView } from './stroke-view.dto.js';

@ApiTags('Stroke assessment')
@Controller('api/v1/ai')
export class StrokeController {
  constructor(private readonly stroke: StrokeService) {}

  @Post('stroke-assessment')
  @ApiBody({ type: StrokeAssessmentRequest })
  @Operation({
    summary: 'Assess signs of a stroke and compute scores',
    description:
      'Decision support that a clinician must review. Any sign results in CALL_EMERGENCY, also if it went away; no score ' +
      'lowers the level. With a positive sign the answer is a 201 even if other fields are invalid: these are ignored and ' +
      'listed in `notComputed`. If a refused body may contain a sign, the `message` of the error starts with the emergency ' +
      'text. A missing item does not count as zero: the score is null and lists the item as missing.',
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
    description:
      'Patients see their own assessments, doctors see those of patients with an appointment. The read is audited.',
    permission: 'stroke:read',
    answer: [StrokeAssessmentView],
    errors: ['BAD_CURSOR'],
  })
  list(@CurrentActor() actor: Actor, @Query() query: StrokeAssessmentsQuery): Promise<Page<StrokeAssessmentView>> {
    return this.stroke.list(actor, query);
  }
}
