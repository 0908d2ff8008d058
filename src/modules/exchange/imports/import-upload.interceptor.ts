import {
  applyDecorators,
  createParamDecorator,
  Injectable,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { Config } from '../../../core/config/config.js';
import type { CareSlotRequest } from '../../../core/http/careslot-request.js';
import { discardBody } from '../../../core/http/discard-body.js';
import { receiveForm } from '../../../core/http/multipart.js';
import { checkBody } from '../../../core/http/validation.js';
import { DomainError, invalid } from '../../../core/kernel/domain-error.js';
import { RateLimits } from '../../../core/security/rate-limits.js';
import { Spool } from '../../../core/storage/spool.js';
import { UploadImport } from './imports.dto.js';

const MAX_FILE_BYTES = 50 * 1024 * 1024;
const MAX_FIELD_BYTES = 64 * 1024;
const FIELDS = ['kind', 'clinicId', 'dryRun', 'mapping'];

/** A received form: its file on the local disk, and its checked fields. */
export interface ImportForm {
  path: string;
  fields: UploadImport;
}

interface UploadRequest extends CareSlotRequest {
  importForm?: ImportForm;
}

@Injectable()
class ImportFormInterceptor implements NestInterceptor {
  constructor(
    private readonly config: Config,
    private readonly spool: Spool,
    private readonly limits: RateLimits,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return from(this.handle(context.switchToHttp().getRequest<UploadRequest>(), next));
  }

  private async handle(request: UploadRequest, next: CallHandler): Promise<unknown> {
    const workspace = this.spool.newWorkspace();
    try {
      const path = workspace.path('upload');
      if (request.actor) await this.limits.consume('importUpload', request.actor.userId);
      await workspace.create();
      const { fields, sha256 } = await this.receive(request, path);
      request.formContent = { ...fields, sha256 };
      request.importForm = { path, fields: check(fields) };
      return await lastValueFrom<unknown>(next.handle());
    } catch (error) {
      discardBody(request);
      throw error;
    } finally {
      await workspace.delete();
    }
  }

  private receive(request: UploadRequest, path: string): ReturnType<typeof receiveForm> {
    if (!/^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')) {
      throw new DomainError('UNSUPPORTED_MEDIA_TYPE', 'The body must be multipart/form-data.');
    }
    const limits = { maxBytes: MAX_FILE_BYTES, stallSeconds: this.config.SCAN_STALL_SECONDS };
    return receiveForm(request, {
      path,
      ...limits,
      fileFields: ['file'],
      fields: FIELDS,
      maxFieldBytes: MAX_FIELD_BYTES,
    });
  }
}

function check(fields: Record<string, string>): UploadImport {
  const { value, errors } = checkBody(UploadImport, fields);
  if (errors.length > 0) throw invalid(...errors);
  return value;
}

/** Receives the form before the handler. Must stand below @Operation: then the form is received before its Idempotency-Key is looked up. */
export const ReceivesImportForm = (): MethodDecorator => applyDecorators(UseInterceptors(ImportFormInterceptor));

export const UploadedImport = createParamDecorator((_: unknown, context: ExecutionContext): ImportForm => {
  const { importForm } = context.switchToHttp().getRequest<UploadRequest>();
  if (!importForm) throw new Error('the route has no @ReceivesImportForm');
  return importForm;
});
