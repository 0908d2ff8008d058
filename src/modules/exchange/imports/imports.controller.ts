import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import { StreamReply } from '../../../core/http/careslot-adapter.js';
import { Operation } from '../../../core/http/operation.js';
import type { Page } from '../../../core/http/page.js';
import { CurrentActor, IdParam, IfMatch } from '../../../core/http/validation.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { FailedRowsService } from './failed-rows.service.js';
import { IMPORT_KINDS } from './import-kinds.js';
import { ReceivesImportForm, UploadedImport, type ImportForm } from './import-upload.interceptor.js';
import { ImportUploadsService } from './import-uploads.service.js';
import { ImportDetailsView, ImportMapping, ImportsQuery, ImportView } from './imports.dto.js';
import { ImportsService } from './imports.service.js';

const FORM = {
  type: 'object' as const,
  required: ['file', 'kind', 'clinicId'],
  properties: {
    file: { type: 'string', format: 'binary', description: 'csv or xlsx, at most 50 MB and 200,000 rows.' },
    kind: { type: 'string', enum: [...IMPORT_KINDS] },
    clinicId: { type: 'string', format: 'uuid' },
    dryRun: { type: 'boolean', default: true },
    mapping: { type: 'string', description: 'JSON, as the body of `PUT /imports/{id}/mapping`.' },
  },
};

@ApiTags('Import and export')
@Controller('api/v1/imports')
export class ImportsController {
  constructor(
    private readonly imports: ImportsService,
    private readonly uploads: ImportUploadsService,
    private readonly failedRows: FailedRowsService,
  ) {}

  @Post()
  @Operation({
    summary: 'Upload a file to import',
    description:
      'A dry run checks each row and changes nothing. Without one, the import starts at once (docs/imports.md).',
    permission: 'list:import',
    form: 'STREAMED',
    status: 201,
    answer: ImportDetailsView,
    idempotent: 'STORED_BY_USE_CASE',
    errors: ['NOT_FOUND', 'REQUEST_TIMEOUT', 'IN_USE', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'RATE_LIMITED'],
  })
  @ReceivesImportForm()
  @ApiConsumes('multipart/form-data')
  @ApiBody({ schema: FORM })
  upload(@CurrentActor() actor: Actor, @UploadedImport() form: ImportForm): Promise<ImportDetailsView> {
    return this.uploads.upload(actor, form);
  }

  @Get()
  @Operation({
    summary: 'List imports, newest first',
    permission: 'list:import',
    answer: [ImportView],
    errors: ['BAD_CURSOR'],
  })
  list(@CurrentActor() actor: Actor, @Query() query: ImportsQuery): Promise<Page<ImportView>> {
    return this.imports.list(actor, query);
  }

  @Get(':id')
  @Operation({
    summary: 'Get an import with its first errors',
    permission: 'list:import',
    answer: ImportDetailsView,
    errors: ['NOT_FOUND'],
  })
  get(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<ImportDetailsView> {
    return this.imports.get(actor, id);
  }

  @Put(':id/mapping')
  @Operation({
    summary: 'Choose the fields of columns, and repeat the dry run',
    permission: 'list:import',
    answer: ImportDetailsView,
    versioned: true,
    errors: ['NOT_FOUND', 'INVALID_TRANSITION'],
  })
  changeMapping(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Body() mapping: ImportMapping,
    @IfMatch() version: number | null,
  ): Promise<ImportDetailsView> {
    return this.imports.changeMapping(actor, id, mapping, version);
  }

  @Post(':id/start')
  @Operation({
    summary: 'Start an import after its dry run',
    permission: 'list:import',
    answer: ImportDetailsView,
    idempotent: 'STORED_BY_USE_CASE',
    errors: ['NOT_FOUND', 'INVALID_TRANSITION', 'IN_USE'],
  })
  start(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<ImportDetailsView> {
    return this.imports.start(actor, id);
  }

  @Get(':id/failed')
  @Operation({
    summary: 'Get the failed rows as csv, with their errors (audited)',
    description: 'Correct the rows and upload the file again.',
    permission: 'list:import',
    rawContentType: 'text/csv',
    errors: ['NOT_FOUND'],
  })
  async failed(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<StreamReply> {
    return new StreamReply(await this.failedRows.read(actor, id), 200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': 'attachment; filename="failed-rows.csv"',
      'Cache-Control': 'private, no-store',
      'X-Content-Type-Options': 'nosniff',
    });
  }

  @Delete(':id')
  @Operation({
    summary: 'Delete an import with its file and failed rows',
    description: 'One that runs stops. What it has imported stays.',
    permission: 'list:import',
    errors: ['NOT_FOUND'],
  })
  delete(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<null> {
    return this.imports.delete(actor, id);
  }
}
