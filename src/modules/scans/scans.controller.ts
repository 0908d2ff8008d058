import { Body, Controller, Delete, Get, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import type { StreamReply } from '../../core/http/careslot-adapter.js';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor, IdParam, MaybeActor } from '../../core/http/validation.js';
import type { Actor } from '../../core/kernel/actor.js';
import { AnalysisView, SignAnalysis } from './analysis/analysis.dto.js';
import { AnalysisService } from './analysis/analysis.service.js';
import { fileReply } from './scan-file-reply.js';
import { ScanFilesService } from './scan-files.service.js';
import { FileQuery, LinkQuery, ScansQuery, ScanView } from './scans.dto.js';
import { ScansService } from './scans.service.js';
import { ReceivesScanForm, UploadedScan } from './upload/scan-form.interceptor.js';
import { UploadService, type ScanForm } from './upload/upload.service.js';

const FILE_ACCESS =
  'Requires a token of the patient or of a doctor who has an appointment with the patient, or a signed link of the scan, which ' +
  'is valid for five minutes and for one user. Supports a single range (206, 416).';

const FILE_ANSWERS = {
  206: 'The requested range.',
  304: 'The file has not changed since the given ETag.',
  416: 'The range is outside the file.',
};

const FORM = {
  type: 'object' as const,
  required: ['file'],
  properties: {
    file: { type: 'string', format: 'binary', description: 'PNG, JPEG, WebP or DICOM part 10.' },
    kind: { type: 'string', example: 'XRAY', maxLength: 64 },
    takenAt: { type: 'string', example: '2026-11-23T09:00:00Z' },
    clientId: { type: 'string', format: 'uuid', description: 'The patient. Optional for patients themselves.' },
  },
};

@ApiTags('Scans')
@Controller('api/v1/scans')
export class ScansController {
  constructor(
    private readonly scans: ScansService,
    private readonly files: ScanFilesService,
    private readonly uploads: UploadService,
    private readonly analyses: AnalysisService,
  ) {}

  @Post()
  @Operation({
    summary: 'Upload an image',
    description:
      'The type is detected from the content. The image is fully decoded, and served without its metadata. Patients upload ' +
      'their own images, doctors and the front desk upload images of a patient.',
    permission: 'scan:upload',
    form: 'STREAMED',
    status: 201,
    answer: ScanView,
    errors: ['NOT_FOUND', 'REQUEST_TIMEOUT', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'UNPROCESSABLE_FILE'],
    idempotent: 'STORED_BY_USE_CASE',
  })
  @ReceivesScanForm('file')
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: FORM })
  upload(@CurrentActor() actor: Actor, @UploadedScan() form: ScanForm): Promise<ScanView> {
    return this.uploads.upload(actor, form);
  }

  @Get()
  @Operation({
    summary: 'List your scans, or those of your patients',
    permission: 'scan:read',
    answer: [ScanView],
    errors: ['BAD_CURSOR'],
  })
  list(@CurrentActor() actor: Actor, @Query() query: ScansQuery): Promise<Page<ScanView>> {
    return this.scans.list(actor, query);
  }

  @Get(':id')
  @Operation({
    summary: 'Get a scan with links to its files (audited)',
    permission: 'scan:read',
    answer: ScanView,
    errors: ['NOT_FOUND'],
  })
  get(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<ScanView> {
    return this.scans.get(actor, id);
  }

  @Get(':id/file')
  @Operation({
    summary: 'Get the file of a scan',
    description: FILE_ACCESS,
    permission: 'public',
    rawContentType: ['image/png', 'image/jpeg', 'image/webp', 'application/dicom'],
    otherAnswers: FILE_ANSWERS,
    errors: ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'],
  })
  async file(
    @MaybeActor() actor: Actor | null,
    @IdParam() id: string,
    @Query() query: FileQuery,
    @Req() request: Request,
  ): Promise<StreamReply> {
    return fileReply(await this.files.open(actor, id, query.variant, query.link), request);
  }

  @Get(':id/thumbnail')
  @Operation({
    summary: 'Get the thumbnail of a scan, or a placeholder',
    description: FILE_ACCESS,
    permission: 'public',
    rawContentType: ['image/jpeg', 'image/svg+xml'],
    otherAnswers: FILE_ANSWERS,
    errors: ['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND'],
  })
  async thumbnail(
    @MaybeActor() actor: Actor | null,
    @IdParam() id: string,
    @Query() query: LinkQuery,
    @Req() request: Request,
  ): Promise<StreamReply> {
    return fileReply(await this.files.open(actor, id, 'thumbnail', query.link), request);
  }

  @Delete(':id')
  @Operation({
    summary: 'Delete a scan and its files',
    permission: 'scan:delete',
    errors: ['NOT_FOUND', 'IN_USE'],
  })
  async delete(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<void> {
    await this.scans.delete(actor, id);
  }

  @Post(':id/analysis')
  @Operation({
    summary: 'Request an analysis, or get the one in progress',
    permission: 'scan:analyse',
    status: 202,
    answer: AnalysisView,
    errors: ['NOT_FOUND'],
    idempotent: true,
  })
  analyse(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<AnalysisView> {
    return this.analyses.request(actor, id);
  }

  @Get(':id/analysis')
  @Operation({
    summary: 'Get the latest analysis of a scan',
    permission: 'scan:read',
    answer: AnalysisView,
    errors: ['NOT_FOUND'],
  })
  analysis(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<AnalysisView> {
    return this.analyses.getLatest(actor, id);
  }

  @Post(':id/analysis/sign')
  @Operation({
    summary: 'Sign the draft of an analysis',
    description:
      'Signs the latest analysis. Send `analysisId`, so that a newer one that you have not read is not signed.',
    permission: 'scan:sign',
    answer: AnalysisView,
    errors: ['NOT_FOUND', 'INVALID_TRANSITION'],
  })
  @ApiBody({ type: SignAnalysis, required: false })
  sign(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() { analysisId }: SignAnalysis,
  ): Promise<AnalysisView> {
    return this.analyses.sign(actor, id, analysisId);
  }
}
