import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import { Operation } from '../../../core/http/operation.js';
import type { Page } from '../../../core/http/page.js';
import { CurrentActor, IdParam } from '../../../core/http/validation.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { SignAnalysis } from '../analysis/analysis.dto.js';
import { ReceivesScanFiles, UploadedScanFiles, type ScanFilesForm } from '../upload/scan-form.interceptor.js';
import { ScanSetAnalysisService } from './scan-set-analysis.service.js';
import { ScanSetUploadService } from './scan-set-upload.service.js';
import { ScanSetAnalysisView, ScanSetDetailsView, ScanSetsQuery, ScanSetView } from './scan-sets.dto.js';
import { ScanSetsService } from './scan-sets.service.js';

const FORM = {
  type: 'object' as const,
  required: ['files'],
  properties: {
    files: {
      type: 'array',
      items: { type: 'string', format: 'binary' },
      description: 'DICOM images of one study. A file named DICOMDIR is ignored.',
    },
    kind: { type: 'string', example: 'CT', maxLength: 64 },
    takenAt: { type: 'string', example: '2026-11-23T09:00:00Z' },
    clientId: { type: 'string', format: 'uuid', description: 'The patient. Optional for patients themselves.' },
  },
};

@ApiTags('Scans')
@Controller('api/v1/scan-sets')
export class ScanSetsController {
  constructor(
    private readonly sets: ScanSetsService,
    private readonly uploads: ScanSetUploadService,
    private readonly analyses: ScanSetAnalysisService,
  ) {}

  @Post()
  @Operation({
    summary: 'Upload a DICOM study as a scan set',
    description:
      'Creates the set of the study, or adds the images that it does not have. All files are stored or none. An image with the ' +
      'same SOPInstanceUID and content changes nothing; other content is refused.',
    permission: 'scan:upload',
    form: 'STREAMED',
    status: 201,
    answer: ScanSetDetailsView,
    errors: ['NOT_FOUND', 'REQUEST_TIMEOUT', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'UNPROCESSABLE_FILE'],
    idempotent: 'STORED_BY_USE_CASE',
  })
  @ReceivesScanFiles()
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: FORM })
  upload(@CurrentActor() actor: Actor, @UploadedScanFiles() form: ScanFilesForm): Promise<ScanSetDetailsView> {
    return this.uploads.upload(actor, form);
  }

  @Get()
  @Operation({
    summary: 'List your scan sets, or those of your patients',
    permission: 'scan:read',
    answer: [ScanSetView],
    errors: ['BAD_CURSOR'],
  })
  list(@CurrentActor() actor: Actor, @Query() query: ScanSetsQuery): Promise<Page<ScanSetView>> {
    return this.sets.list(actor, query);
  }

  @Get(':id')
  @Operation({
    summary: 'Get a scan set with its series (audited)',
    description:
      'The images themselves are scans: `GET /scans?scanSetId=` and `GET /scans/:id` have links to their files.',
    permission: 'scan:read',
    answer: ScanSetDetailsView,
    errors: ['NOT_FOUND'],
  })
  get(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<ScanSetDetailsView> {
    return this.sets.get(actor, id);
  }

  @Delete(':id')
  @Operation({
    summary: 'Delete a scan set with its images',
    permission: 'scan:delete',
    errors: ['NOT_FOUND'],
  })
  async delete(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<void> {
    await this.sets.delete(actor, id);
  }

  @Post(':id/analysis')
  @Operation({
    summary: 'Request an analysis of a scan set, or get the one in progress',
    description: 'The model gets the images of the set. The result is that of the image with the highest score.',
    permission: 'scan:analyse',
    status: 202,
    answer: ScanSetAnalysisView,
    errors: ['NOT_FOUND'],
    idempotent: true,
  })
  analyse(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<ScanSetAnalysisView> {
    return this.analyses.request(actor, id);
  }

  @Get(':id/analysis')
  @Operation({
    summary: 'Get the latest analysis of a scan set',
    permission: 'scan:read',
    answer: ScanSetAnalysisView,
    errors: ['NOT_FOUND'],
  })
  analysis(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<ScanSetAnalysisView> {
    return this.analyses.getLatest(actor, id);
  }

  @Post(':id/analysis/sign')
  @Operation({
    summary: 'Sign the draft of the analysis of a scan set',
    description:
      'Signs the latest analysis. Send `analysisId`, so that a newer one that you have not read is not signed.',
    permission: 'scan:sign',
    answer: ScanSetAnalysisView,
    errors: ['NOT_FOUND', 'INVALID_TRANSITION'],
  })
  @ApiBody({ type: SignAnalysis, required: false })
  sign(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() { analysisId }: SignAnalysis,
  ): Promise<ScanSetAnalysisView> {
    return this.analyses.sign(actor, id, analysisId);
  }
}
