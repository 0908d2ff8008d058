import { Controller, Delete, Get, Headers, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiHeader, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Config } from '../../core/config/config.js';
import { Operation } from '../../core/http/operation.js';
import { Page } from '../../core/http/page.js';
import { CurrentActor } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import {
  AnalysisService,
  ReceivesScanForm,
  ScansService,
  UploadedScan,
  type AnalysisView,
  type ScanForm,
  type ScanView,
} from '../scans/index.js';
import { selectLanguage } from '../stroke/index.js';
import { ImageAnalysis } from './image-analysis.js';
import { MobileMessageView } from './message.dto.js';
import { ApiMobileId, MobileIdParam, type MobileId } from './mobile-id.js';
import { MobileIds } from './mobile-ids.service.js';
import { mobilePaths } from './prefixes.js';
import { ScanViews, type ScanContext } from './scan-views.js';
import { FILE_FIELDS, MobileScansQuery, MobileScanView, SCAN_FORM } from './scans.dto.js';
import { serverUrl } from './server-url.js';

@ApiTags('NeuroAid')
@Controller(mobilePaths('scans'))
export class MobileScansController {
  constructor(
    private readonly scans: ScansService,
    private readonly images: ImageAnalysis,
    private readonly analyses: AnalysisService,
    private readonly views: ScanViews,
    private readonly ids: MobileIds,
    private readonly config: Config,
  ) {}

  @Get()
  @Operation({
    summary: 'List your scans, or those of your patients, newest first',
    permission: 'scan:read',
    bare: true,
    answer: [MobileScanView],
    errors: ['BAD_CURSOR'],
  })
  async list(
    @CurrentActor() actor: Actor,
    @Query() query: MobileScansQuery,
    @Req() request: Request,
    @Headers('accept-language') acceptLanguage?: string,
  ): Promise<Page<MobileScanView>> {
    const page = await this.scans.list(actor, query);
    const analyses = await this.analyses.findLatest(withAnalysis(page.items));
    const items = await this.views.toViews(page.items, analyses, this.toContext(request, acceptLanguage));
    return new Page(items, page.limit, page.nextCursor, page.total);
  }

  @Post()
  @Operation({
    summary: 'Upload an image',
    description: 'If a model is configured, includes its result; the call then takes up to 20 seconds.',
    permission: 'scan:upload',
    form: 'STREAMED',
    bare: true,
    status: 201,
    answer: MobileScanView,
    errors: [
      'NOT_FOUND',
      'REQUEST_TIMEOUT',
      'PAYLOAD_TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
      'UNPROCESSABLE_FILE',
      'IDEMPOTENCY_KEY_REUSED',
      'IDEMPOTENCY_IN_PROGRESS',
    ],
  })
  @ReceivesScanForm(...FILE_FIELDS)
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: SCAN_FORM })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'A repetition with the same key and form returns the first answer.',
  })
  async upload(
    @CurrentActor() actor: Actor,
    @UploadedScan() form: ScanForm,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @Headers('accept-language') acceptLanguage?: string,
  ): Promise<MobileScanView> {
    const { scan, analysis } = await this.images.upload(actor, form, { request, response });
    return this.toView(scan, analysis, this.toContext(request, acceptLanguage));
  }

  @Get(':id')
  @ApiMobileId()
  @Operation({
    summary: 'Get a scan with its result',
    permission: 'scan:read',
    bare: true,
    answer: MobileScanView,
    errors: ['NOT_FOUND'],
  })
  async get(
    @CurrentActor() actor: Actor,
    @MobileIdParam() id: MobileId,
    @Req() request: Request,
    @Headers('accept-language') acceptLanguage?: string,
  ): Promise<MobileScanView> {
    const scan = await this.scans.get(actor, await this.ids.getUuid('scan', id));
    const analyses = await this.analyses.findLatest(withAnalysis([scan]));
    return this.toView(scan, analyses.get(scan.id) ?? null, this.toContext(request, acceptLanguage));
  }

  @Delete(':id')
  @ApiMobileId()
  @Operation({
    summary: 'Delete a scan and its files',
    permission: 'scan:delete',
    bare: true,
    answer: MobileMessageView,
    errors: ['NOT_FOUND'],
  })
  async delete(@CurrentActor() actor: Actor, @MobileIdParam() id: MobileId): Promise<MobileMessageView> {
    await this.scans.delete(actor, await this.ids.getUuid('scan', id));
    return { message: 'Deleted.' };
  }

  private async toView(scan: ScanView, analysis: AnalysisView | null, context: ScanContext): Promise<MobileScanView> {
    const [view] = await this.views.toViews([scan], new Map(analysis ? [[scan.id, analysis]] : []), context);
    return view as MobileScanView;
  }

  private toContext(request: Request, acceptLanguage: string | undefined): ScanContext {
    return { language: selectLanguage({ acceptLanguage }), serverUrl: serverUrl(this.config, request) };
  }
}

const withAnalysis = (scans: readonly ScanView[]): ScanView[] => scans.filter(({ analysisStatus }) => analysisStatus);
