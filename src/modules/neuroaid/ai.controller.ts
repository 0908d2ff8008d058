import { Body, Controller, Headers, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiExtraModels, ApiHeader, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor } from '../../core/http/validation.js';
import type { ErrorCode } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import { MaybeUploadedScan, ReceivesScanForm, type ScanForm } from '../scans/index.js';
import { selectLanguage } from '../stroke/index.js';
import { MobileAssessments } from './assessments.service.js';
import { ImageAnalysis } from './image-analysis.js';
import { MobileIds } from './mobile-ids.service.js';
import { mobilePaths } from './prefixes.js';
import { toResult } from './scan-views.js';
import {
  FILE_FIELDS,
  MobileAnalyzeImage,
  MobileImageResultView,
  MobilePredictionView,
  SCAN_FORM,
} from './scans.dto.js';
import { MobileStrokeAssessment, MobileStrokeAssessmentView } from './stroke.dto.js';

const ERRORS: ErrorCode[] = [
  'NOT_FOUND',
  'REQUEST_TIMEOUT',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'UNPROCESSABLE_FILE',
  'IDEMPOTENCY_KEY_REUSED',
  'IDEMPOTENCY_IN_PROGRESS',
];

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  required: false,
  description: 'A repetition with the same key and form uses the scan of the first call.',
};

@ApiTags('NeuroAid')
@Controller(mobilePaths('ai'))
export class MobileAiController {
  constructor(
    private readonly assessments: MobileAssessments,
    private readonly images: ImageAnalysis,
    private readonly ids: MobileIds,
  ) {}

  @Post(['assessment', 'stroke-assessment'])
  @ApiBody({ type: MobileStrokeAssessment })
  @Operation({
    summary: 'Compute the risk of a stroke with the PREVENT equations',
    description:
      'The `message` of a 400 is the text to show: the emergency number to call if there is any sign of a stroke, now or ' +
      'before, or the values that the equations need. A percentage is always the result of a published equation.',
    permission: 'stroke:assess',
    bare: true,
    status: 201,
    answer: MobileStrokeAssessmentView,
    idempotent: true,
    errors: ['NOT_FOUND'],
  })
  assess(
    @CurrentActor() actor: Actor,
    @Body() body: object,
    @Headers('accept-language') acceptLanguage?: string,
  ): Promise<MobileStrokeAssessmentView> {
    return this.assessments.assess(actor, body, acceptLanguage);
  }

  @Post(['analyze-image', 'scan-image'])
  @Operation({
    summary: 'Analyze an image with the configured model',
    description:
      'Send a form with the image, or the id of a scan. The call takes up to 20 seconds. Without a configured model, `result` ' +
      'is a sentence that no analysis is available. A result is a draft that a clinician must review.',
    permission: 'scan:analyse',
    form: 'STREAMED',
    bare: true,
    answer: MobileImageResultView,
    errors: ERRORS,
  })
  @ReceivesScanForm(...FILE_FIELDS)
  @ApiConsumes('multipart/form-data', 'application/json')
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiExtraModels(MobileAnalyzeImage)
  @ApiBody({ schema: { oneOf: [SCAN_FORM, { $ref: getSchemaPath(MobileAnalyzeImage) }] } })
  async analyze(
    @CurrentActor() actor: Actor,
    @MaybeUploadedScan() form: ScanForm | null,
    @Body() { scanId }: MobileAnalyzeImage,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Headers('accept-language') acceptLanguage?: string,
  ): Promise<MobileImageResultView> {
    const analysis = await this.images.analyze(actor, form, scanId, { request, response });
    const number = await this.ids.getNumber('scan', analysis.scanId);
    return { scanId: number, ...toResult(analysis, selectLanguage({ acceptLanguage })) };
  }

  @Post('stroke-image/predict')
  @Operation({
    summary: 'Analyze an image and return texts',
    description: 'The same as `analyze-image`.',
    permission: 'scan:analyse',
    form: 'STREAMED',
    bare: true,
    answer: MobilePredictionView,
    errors: ERRORS,
  })
  @ReceivesScanForm(...FILE_FIELDS)
  @ApiConsumes('multipart/form-data', 'application/json')
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiBody({ schema: { oneOf: [SCAN_FORM, { $ref: getSchemaPath(MobileAnalyzeImage) }] } })
  async predict(
    @CurrentActor() actor: Actor,
    @MaybeUploadedScan() form: ScanForm | null,
    @Body() body: MobileAnalyzeImage,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Headers('accept-language') acceptLanguage?: string,
  ): Promise<MobilePredictionView> {
    const { scanId, result, confidence } = await this.analyze(actor, form, body, request, response, acceptLanguage);
    return { prediction: result, confidence: `${(confidence * 100).toFixed(1)}%`, message: result, scanId };
  }
}
