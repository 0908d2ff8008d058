import {
  applyDecorators,
  createParamDecorator,
  Injectable,
  SetMetadata,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { Semaphore } from '../../../core/concurrency/semaphore.js';
import { Config } from '../../../core/config/config.js';
import { discardBody } from '../../../core/http/discard-body.js';
import { receiveForm } from '../../../core/http/multipart.js';
import { fieldErrors } from '../../../core/http/validation.js';
import { Clock } from '../../../core/kernel/clock.js';
import { DomainError, invalid } from '../../../core/kernel/domain-error.js';
import type { CareSlotRequest } from '../../../core/http/careslot-request.js';
import { tooMany } from '../../../core/security/local-rate-limiter.js';
import { Spool } from '../../../core/storage/spool.js';
import { wrongType } from '../scan.errors.js';
import { UploadScan } from '../scans.dto.js';
import type { ScanForm } from './upload.service.js';

/** Uploads of one user at the same time. More are refused, not queued: each uses a connection and space on the disk. */
const MAX_UPLOADS_PER_USER = 8;
const RETRY_MILLISECONDS = 1_000;
/** Clocks of devices may be ahead by up to a day. */
const CLOCK_TOLERANCE_MILLISECONDS = 86_400_000;
/** The other fields of the form. */
const FIELDS = ['kind', 'takenAt', 'clientId'];
const FILE_FIELDS = Symbol('allowed names of the form field with the file');

interface UploadRequest extends CareSlotRequest {
  scanForm?: ScanForm;
}

/** Receives the forms of uploads. All routes share it, so that the limit per user counts their uploads together. */
@Injectable()
export class ScanFormReceiver {
  private readonly uploads = new Semaphore({ perKey: MAX_UPLOADS_PER_USER });

  constructor(
    private readonly config: Config,
    private readonly spool: Spool,
    private readonly clock: Clock,
  ) {}

  /**
   * Streams the form to the local disk. The form keeps its file, and counts towards the limit, until it is closed.
   * @throws DomainError; the rest of the body is then discarded
   */
  async receive(request: CareSlotRequest, fileFields: readonly string[]): Promise<ScanForm> {
    const { SCAN_MAX_BYTES: maxBytes, SCAN_STALL_SECONDS: stallSeconds } = this.config;
    const release = this.uploads.tryAcquire(getUserId(request));
    const workspace = this.spool.newWorkspace();
    const close = (): Promise<void> => workspace.delete().finally(() => release?.());
    try {
      if (!release) throw tooMany(RETRY_MILLISECONDS, MAX_UPLOADS_PER_USER);
      await workspace.create();
      const path = workspace.path('upload');
      const options = { path, maxBytes, stallSeconds, fileFields, fields: FIELDS };
      const { fields, ...received } = await receiveForm(request, options);
      const checked = await this.check(fields);
      request.formContent = { ...checked, sha256: received.sha256 };
      return { file: { ...received, path, workspace }, fields: checked, close };
    } catch (error) {
      await close();
      discardBody(request);
      throw error;
    }
  }

  private async check(fields: Record<string, string>): Promise<UploadScan> {
    const checked = plainToInstance(UploadScan, fields);
    const errors = await validate(checked, { whitelist: true, forbidNonWhitelisted: true });
    if (errors.length > 0) throw invalid(...fieldErrors(errors));
    if (checked.takenAt && Date.parse(checked.takenAt) > this.clock.now() + CLOCK_TOLERANCE_MILLISECONDS) {
      throw invalid({ field: 'takenAt', error: 'must not be in the future' });
    }
    return checked;
  }
}

@Injectable()
class ScanFormInterceptor implements NestInterceptor {
  constructor(
    private readonly forms: ScanFormReceiver,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<UploadRequest>();
    if (!/^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')) return next.handle();
    const fileFields = this.reflector.get<readonly string[]>(FILE_FIELDS, context.getHandler());
    return from(this.handleForm(request, fileFields, next));
  }

  /** The handler may close the form earlier. */
  private async handleForm(request: UploadRequest, fileFields: readonly string[], next: CallHandler): Promise<unknown> {
    const form = await this.forms.receive(request, fileFields);
    try {
      request.scanForm = form;
      return await lastValueFrom<unknown>(next.handle());
    } finally {
      await form.close();
    }
  }
}

/**
 * Receives the form of an upload before the handler. Must stand below @Operation: then the form is received before its
 * Idempotency-Key is looked up.
 * @param fileFields the allowed names of the field with the file
 */
export const ReceivesScanForm = (...fileFields: readonly string[]): MethodDecorator =>
  applyDecorators(SetMetadata(FILE_FIELDS, fileFields), UseInterceptors(ScanFormInterceptor));

const formOrNull = (_: unknown, context: ExecutionContext): ScanForm | null =>
  context.switchToHttp().getRequest<UploadRequest>().scanForm ?? null;

/** The received form; null if the request has another body. */
export const MaybeUploadedScan = createParamDecorator(formOrNull);

/** The received form. @throws DomainError UNSUPPORTED_MEDIA_TYPE if the request has another body */
export const UploadedScan = createParamDecorator((_: unknown, context: ExecutionContext): ScanForm => {
  const form = formOrNull(_, context);
  if (!form) throw wrongType('The body must be multipart/form-data.');
  return form;
});

function getUserId({ actor }: CareSlotRequest): string {
  if (!actor) throw new DomainError('UNAUTHENTICATED', 'A valid access token is needed.');
  return actor.userId;
}
