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
import { cutOff } from '../../../core/http/cut-off.js';
import { fieldErrors } from '../../../core/http/validation.js';
import { Clock } from '../../../core/kernel/clock.js';
import { DomainError, invalid } from '../../../core/kernel/domain-error.js';
import type { CareSlotRequest } from '../../../core/http/access.guard.js';
import { tooMany } from '../../../core/security/local-rate-limiter.js';
import { Spool, type Workspace } from '../../../core/storage/spool.js';
import { wrongType } from '../scan.errors.js';
import { UploadScan } from '../scans.dto.js';
import { receiveForm } from './multipart.js';
import type { ScanForm } from './upload.service.js';

/** More are refused, not queued: each holds a connection and space on the disk. */
const MAX_UPLOADS_PER_USER = 8;
const RETRY_MILLISECONDS = 1_000;
/** Clocks of devices may be ahead by up to a day. */
const CLOCK_TOLERANCE_MILLISECONDS = 86_400_000;
const FILE_FIELDS = Symbol('names of the form field with the file');

interface UploadRequest extends CareSlotRequest {
  scanForm?: ScanForm;
}

/** Receives the forms of uploads. One for all routes, so that the limit per user counts them together. */
@Injectable()
export class ScanFormReceiver {
  private readonly uploads = new Semaphore({ perKey: MAX_UPLOADS_PER_USER });

  constructor(
    private readonly config: Config,
    private readonly spool: Spool,
    private readonly clock: Clock,
  ) {}

  /**
   * Streams the form to the local disk and runs the work with it. The file is deleted when the work ends.
   * @throws DomainError; the rest of the body is then discarded
   */
  async receive<T>(
    request: CareSlotRequest,
    fileFields: readonly string[],
    work: (form: ScanForm) => Promise<T>,
  ): Promise<T> {
    const { SCAN_MAX_BYTES: maxBytes, SCAN_STALL_SECONDS: stallSeconds } = this.config;
    const receiveInto = async (workspace: Workspace): Promise<T> => {
      const path = workspace.path('upload');
      const { fields, ...received } = await receiveForm(request, { path, maxBytes, stallSeconds, fileFields });
      const checked = await this.check(fields);
      request.formContent = { ...checked, sha256: received.sha256 };
      return work({ file: { ...received, path, workspace }, fields: checked });
    };
    try {
      return await this.uploads.runOrRefuse(
        callerOf(request),
        () => this.spool.use(receiveInto),
        () => tooMany(RETRY_MILLISECONDS, MAX_UPLOADS_PER_USER),
      );
    } catch (error) {
      cutOff(request);
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
    return from(
      this.forms.receive(request, fileFields, (form) => {
        request.scanForm = form;
        return lastValueFrom<unknown>(next.handle());
      }),
    );
  }
}

/**
 * Receives the form of an upload before the handler, and before its Idempotency-Key: stands below @Operation.
 * @param fileFields names that the field with the file may have
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

function callerOf({ actor }: CareSlotRequest): string {
  if (!actor) throw new DomainError('UNAUTHENTICATED', 'A valid access token is needed.');
  return actor.userId;
}
