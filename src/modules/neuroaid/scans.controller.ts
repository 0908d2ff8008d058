import { Controller, Delete, Get, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiHeader, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Config, publicUrl } from '../../core/config/config.js';
import { Operation } from '../../core/http/operation.js';
import type { Page } from '../../core/http/page.js';
import { CurrentActor, IdParam } from '../../core/http/validation.js';
import type { Actor } from '../../core/security/actor.js';
import { ScansService, UploadService } from '../scans/index.js';
import { MobileMessageView } from './message.dto.js';
import { FILE_FIELDS, MobileScansQuery, MobileScanView, SCAN_FORM, scanViewOf } from './scans.dto.js';

@ApiTags('NeuroAid')
@Controller('api/scans')
export class MobileScansController {
  constructor(
    private readonly scans: ScansService,
    private readonly uploads: UploadService,
    private readonly config: Config,
  ) {}

  @Get()
  @Operation({
    summary: 'Your scans; as a doctor, those of your patients; the last handed in first',
    permission: 'scan:read',
    bare: true,
    answer: [MobileScanView],
    errors: ['BAD_CURSOR'],
  })
  async list(@CurrentActor() actor: Actor, @Query() query: MobileScansQuery): Promise<Page<MobileScanView>> {
    return (await this.scans.list(actor, query)).map((scan) => scanViewOf(scan, publicUrl(this.config)));
  }

  @Post()
  @Operation({
    summary: 'Hand in an image',
    permission: 'scan:upload',
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
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: SCAN_FORM })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Same key and form: the first answer again.' })
  async upload(
    @CurrentActor() actor: Actor,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<MobileScanView> {
    return scanViewOf(await this.uploads.upload(actor, request, response, FILE_FIELDS), publicUrl(this.config));
  }

  @Delete(':id')
  @Operation({
    summary: 'Delete a scan and its bytes',
    permission: 'scan:delete',
    bare: true,
    answer: MobileMessageView,
    errors: ['NOT_FOUND'],
  })
  async delete(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<MobileMessageView> {
    await this.scans.delete(actor, id);
    return { message: 'Deleted.' };
  }
}
