import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { CareSlotRequest } from './careslot-request.js';
import { IdempotencyKeys, getIdempotencyKey, markReplayed } from './idempotency-keys.js';

/** Returns the stored answer of a repeated request, on routes with `idempotent`. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly keys: IdempotencyKeys) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<CareSlotRequest>();
    const key = getIdempotencyKey(request);
    if (key === null) return next.handle();
    const response = http.getResponse<Response>();
    const work = (): Promise<unknown> => lastValueFrom(next.handle() as Observable<unknown>);
    const attempt = { request, key, status: response.statusCode, work };
    const storedByUseCase = request.operation?.idempotent === 'STORED_BY_USE_CASE';
    const answered = storedByUseCase ? this.keys.onceStoredByUseCase(attempt) : this.keys.once(attempt);
    return from(
      answered.then(({ data, replayed }) => {
        if (replayed) markReplayed(response);
        return data;
      }),
    );
  }
}
