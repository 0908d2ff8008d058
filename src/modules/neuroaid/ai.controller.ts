import { Body, Controller, Headers, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiExtraModels, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor } from '../../core/http/validation.js';
import type { Actor } from '../../core/security/actor.js';
import { AnalysisView } from '../scans/index.js';
import { StrokeService } from '../stroke/index.js';
import { MobileAnalyzeImage } from './ai.dto.js';
import { ImageAnalysis } from './image-analysis.js';
import { strokeRequestOf, strokeViewOf } from './risk-factors.js';
import { SCAN_FORM } from './scans.dto.js';
import { MobileStrokeAssessment, MobileStrokeAssessmentView } from './stroke.dto.js';

@ApiTags('NeuroAid')
@Controller('api/ai')
export class MobileAiController {
  constructor(
    private readonly stroke: StrokeService,
    private readonly images: ImageAnalysis,
  ) {}

  @Post('stroke-assessment')
  @Operation({
    summary: 'How urgent it is, and every score that can be computed',
    description: 'Decision support that needs the review of a clinician. Of risk factors alone no level is made.',
    permission: 'stroke:assess',
    bare: true,
    status: 201,
    answer: MobileStrokeAssessmentView,
    idempotent: true,
    errors: ['NOT_FOUND'],
  })
  async assess(
    @CurrentActor() actor: Actor,
    @Body() body: MobileStrokeAssessment,
    @Headers('accept-language') acceptLanguage?: string,
  ): Promise<MobileStrokeAssessmentView> {
    return strokeViewOf(await this.stroke.assess(actor, strokeRequestOf(body), acceptLanguage));
  }

  @Post('analyze-image')
  @Operation({
    summary: 'What a model makes of an image: a draft for a clinician, or no finding where there is no model',
    description: 'A form with the picture, or the id of a scan. Waits up to 20 seconds; then `analysis` is `PENDING`.',
    permission: 'scan:analyse',
    bare: true,
    answer: AnalysisView,
    errors: ['NOT_FOUND', 'REQUEST_TIMEOUT', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'UNPROCESSABLE_FILE'],
  })
  @ApiConsumes('multipart/form-data', 'application/json')
  @ApiExtraModels(MobileAnalyzeImage)
  @ApiBody({ schema: { oneOf: [SCAN_FORM, { $ref: getSchemaPath(MobileAnalyzeImage) }] } })
  analyzeImage(
    @CurrentActor() actor: Actor,
    @Body() { scanId }: MobileAnalyzeImage,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AnalysisView> {
    return this.images.analyse(actor, request, response, scanId);
  }
}
