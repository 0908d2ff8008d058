import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { invalid } from '../kernel/domain-error.js';
import type { CareSlotRequest } from '../security/access.guard.js';
import { IdempotencyKeys } from './idempotency-keys.js';

const SANE_KEY = /^[\x21-\x7e]{1,200}$/;

/** @throws DomainError VALIDATION_ERROR */
export function idempotencyKeyOf({ headers }: CareSlotRequest): string | null {
  const key = headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && SANE_KEY.test(key)) return key;
  throw invalid({ field: 'Idempotency-Key', error: 'must be 1 to 200 visible ASCII characters' });
}

/** Only on routes that say `idempotent`; costs nothing to a request without the header. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly keys: IdempotencyKeys) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<CareSlotRequest>();
    const key = idempotencyKeyOf(request);
    if (key === null) return next.handle();
    const response = http.getResponse<Response>();
    const work = (): Promise<unknown> => lastValueFrom(next.handle() as Observable<unknown>);
    const attempt = { request, key, status: response.statusCode, work };
    const storedByUseCase = request.operation?.idempotent === 'STORED_BY_USE_CASE';
    const answered = storedByUseCase ? this.keys.onceStoredByUseCase(attempt) : this.keys.once(attempt);
    return from(
      answered.then(({ data, replayed }) => {
        if (replayed) response.setHeader('Idempotency-Replayed', 'true');
        return data;
      }),
    );
  }
}
