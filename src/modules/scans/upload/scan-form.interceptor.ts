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
import { receiveFiles, type ReceivedFile } from '../../../core/http/multipart.js';
import { fieldErrors } from '../../../core/http/validation.js';
import { Clock } from '../../../core/kernel/clock.js';
import { DomainError, invalid } from '../../../core/kernel/domain-error.js';
import type { CareSlotRequest } from '../../../core/http/careslot-request.js';
import { tooMany } from '../../../core/security/local-rate-limiter.js';
import { Spool, type Workspace } from '../../../core/storage/spool.js';
import { wrongType } from '../scan.errors.js';
import { UploadScan } from '../scans.dto.js';
import type { ScanForm } from './upload.service.js';
import type { UploadedFile } from './uploaded-file.js';

/** Uploads of one user at the same time. More are refused, not queued: each uses a connection and space on the disk. */
const MAX_UPLOADS_PER_USER = 8;
const RETRY_MILLISECONDS = 1_000;
/** Clocks of devices may be ahead by up to a day. */
const CLOCK_TOLERANCE_MILLISECONDS = 86_400_000;
/** The other fields of the form. */
const FIELDS = ['kind', 'takenAt', 'clientId'];
const FORM_OPTIONS = Symbol('the form that the route receives');
/** The field with the files of a scan set. */
const SET_FILE_FIELD = 'files';

/** Several files and the checked fields of a form. */
export interface ScanFilesForm extends Omit<ScanForm, 'file'> {
  files: UploadedFile[];
}

interface FormOptions {
  /** The allowed names of the form field with a file. */
  fileFields: readonly string[];
  /** Whether the form may have several files. */
  isSet: boolean;
}

interface UploadRequest extends CareSlotRequest {
  scanForm?: ScanFilesForm;
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
   * Streams the form to the local disk. The form keeps its files, and counts towards the limit, until it is closed.
   * @throws DomainError; the rest of the body is then discarded
   */
  async receive(request: CareSlotRequest, { fileFields, isSet }: FormOptions): Promise<ScanFilesForm> {
    const release = this.uploads.tryAcquire(getUserId(request));
    const workspaces = new Map<string, Workspace>();
    // Each file has a folder of its own, for what is made from it.
    const newPath = async (): Promise<string> => {
      const workspace = this.spool.newWorkspace();
      const path = workspace.path('upload');
      workspaces.set(path, workspace);
      await workspace.create();
      return path;
    };
    const close = async (): Promise<void> => {
      for (const workspace of workspaces.values()) await workspace.delete();
      release?.();
    };
    try {
      if (!release) throw tooMany(RETRY_MILLISECONDS, MAX_UPLOADS_PER_USER);
      const options = { ...this.limits(isSet), newPath, fileFields, fields: FIELDS };
      const { fields, files } = await receiveFiles(request, options);
      const checked = await this.check(fields);
      request.formContent = { ...checked, sha256: files.map(({ sha256 }) => sha256).join() };
      return { files: files.map((file) => toUpload(file, workspaces)), fields: checked, close };
    } catch (error) {
      await close();
      discardBody(request);
      throw error;
    }
  }

  private limits(isSet: boolean): { maxBytes: number; stallSeconds: number; maxFiles: number; maxTotalBytes: number } {
    const { SCAN_MAX_BYTES: maxBytes, SCAN_STALL_SECONDS: stallSeconds } = this.config;
    return {
      maxBytes,
      stallSeconds,
      maxFiles: isSet ? this.config.SCAN_SET_MAX_IMAGES : 1,
      maxTotalBytes: isSet ? this.config.SCAN_SET_MAX_BYTES : maxBytes,
    };
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
    const options = this.reflector.get<FormOptions>(FORM_OPTIONS, context.getHandler());
    return from(this.handleForm(request, options, next));
  }

  /** The handler may close the form earlier. */
  private async handleForm(request: UploadRequest, options: FormOptions, next: CallHandler): Promise<unknown> {
    const form = await this.forms.receive(request, options);
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
  receives({ fileFields, isSet: false });

/** The same for a form with several files in the field `files`. */
export const ReceivesScanFiles = (): MethodDecorator => receives({ fileFields: [SET_FILE_FIELD], isSet: true });

const receives = (options: FormOptions): MethodDecorator =>
  applyDecorators(SetMetadata(FORM_OPTIONS, options), UseInterceptors(ScanFormInterceptor));

const filesOrNull = (context: ExecutionContext): ScanFilesForm | null =>
  context.switchToHttp().getRequest<UploadRequest>().scanForm ?? null;

function formOrNull(_: unknown, context: ExecutionContext): ScanForm | null {
  const form = filesOrNull(context);
  const file = form?.files[0];
  return form && file ? { file, fields: form.fields, close: form.close } : null;
}

/** The received form; null if the request has another body. */
export const MaybeUploadedScan = createParamDecorator(formOrNull);

/** The received form. @throws DomainError UNSUPPORTED_MEDIA_TYPE if the request has another body */
export const UploadedScan = createParamDecorator((_: unknown, context: ExecutionContext): ScanForm => {
  const form = formOrNull(_, context);
  if (!form) throw notAForm();
  return form;
});

/** The same with all files. */
export const UploadedScanFiles = createParamDecorator((_: unknown, context: ExecutionContext): ScanFilesForm => {
  const form = filesOrNull(context);
  if (!form) throw notAForm();
  return form;
});

const notAForm = (): DomainError => wrongType('The body must be multipart/form-data.');

const toUpload = (file: ReceivedFile, workspaces: ReadonlyMap<string, Workspace>): UploadedFile => ({
  ...file,
  workspace: workspaces.get(file.path) as Workspace,
});

function getUserId({ actor }: CareSlotRequest): string {
  if (!actor) throw new DomainError('UNAUTHENTICATED', 'A valid access token is needed.');
  return actor.userId;
}
