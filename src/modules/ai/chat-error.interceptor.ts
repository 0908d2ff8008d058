import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { catchError, from, mergeMap, throwError, type Observable } from 'rxjs';
import { Config } from '../../core/config/config.js';
import { toDomainError } from '../../core/http/error.filter.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import { isId } from '../../core/kernel/id.js';
import type { CareSlotRequest } from '../../core/http/access.guard.js';
import { emergencyText, safetyNetText } from './answers/texts.js';
import { assess } from './assessment.js';
import { CallerRepository } from './caller.repository.js';
import { emergencyCall } from './reply-context.js';

/** An error waits no longer than this for the number of the clinic. */
const LOOK_UP_MILLISECONDS = 300;

/**
 * Errors of the chat begin like its answers: with the emergency text if the message shows an emergency, else with the emergency
 * lines, unless the message is certainly administrative. This also holds for messages that are too long or not valid.
 */
@Injectable()
export class ChatErrorInterceptor implements NestInterceptor {
  constructor(
    private readonly callers: CallerRepository,
    private readonly config: Config,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<CareSlotRequest>();
    return next
      .handle()
      .pipe(
        catchError((error: unknown) =>
          from(this.withFirstLines(error, request)).pipe(mergeMap((told) => throwError(() => told))),
        ),
      );
  }

  private async withFirstLines(thrown: unknown, request: CareSlotRequest): Promise<unknown> {
    const first = await this.firstLines(request).catch(() => '');
    if (first === '') return thrown;
    const error = toDomainError(thrown) ?? internal(thrown);
    if (error.message.startsWith(first)) return error;
    const told = new DomainError(error.code, first + error.message, error.details, error.retryAfterSeconds);
    told.cause = error.cause;
    return told;
  }

  private async firstLines({ body, headers, actor }: CareSlotRequest): Promise<string> {
    const { message, locale, clinicId } = (body ?? {}) as Record<string, unknown>;
    if (typeof message !== 'string' || message.trim() === '') return '';
    const assessed = assess(message);
    if (assessed.kind === 'ADMINISTRATIVE') return '';
    const clinic = isId(clinicId) ? clinicId : null;
    const looked = actor ? this.callers.find(actor.userId, clinic).catch(() => null) : null;
    const caller = await Promise.race([looked, sleep(LOOK_UP_MILLISECONDS, null, { ref: false })]);
    const hints = {
      message,
      locale: typeof locale === 'string' ? locale : null,
      acceptLanguage: headers['accept-language'] ?? null,
    };
    const spoken = assessed.kind === 'EMERGENCY' ? assessed.found.language : null;
    const { language, number } = emergencyCall(this.config, hints, caller, spoken);
    return assessed.kind === 'EMERGENCY'
      ? `${emergencyText(language, assessed.found.flag, number)} `
      : safetyNetText(language, number);
  }
}

function internal(thrown: unknown): DomainError {
  const error = new DomainError('INTERNAL_ERROR', 'Something went wrong on our side.');
  error.cause = thrown;
  return error;
}
