import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { catchError, from, mergeMap, throwError, type Observable } from 'rxjs';
import { Config } from '../../core/config/config.js';
import { toDomainError } from '../../core/http/error.filter.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import { isId } from '../../core/kernel/id.js';
import type { CareSlotRequest } from '../../core/http/careslot-request.js';
import { emergencyText, emergencyLines } from './answers/texts.js';
import { assess } from './assessment.js';
import { CallerRepository } from './caller.repository.js';
import { selectLanguageAndNumber } from './reply-context.js';

/** How long an error response may wait for the clinic's emergency number. */
const MAX_LOOK_UP_MILLISECONDS = 300;

/** The text before the message of an error. */
interface Preface {
  text: string;
  /** Whether it is the emergency text, not the emergency lines. */
  isEmergency: boolean;
}

/**
 * Puts the emergency text before the error if the patient's message shows an emergency. Otherwise it puts the emergency lines
 * there, unless the patient's message is certainly administrative. It also does this if that message is invalid or too long.
 * Requests that fail before an interceptor runs get only the emergency text, from the module `emergency-text`.
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
        catchError((thrown: unknown) =>
          from(this.withPreface(thrown, request)).pipe(mergeMap((error) => throwError(() => error))),
        ),
      );
  }

  private async withPreface(thrown: unknown, request: CareSlotRequest): Promise<unknown> {
    const preface = await this.getPreface(request).catch(() => null);
    if (!preface) return thrown;
    const error = toDomainError(thrown) ?? toInternalError(thrown);
    const extended = new DomainError(error.code, preface.text + error.message, error.details, error.retryAfterSeconds);
    extended.hasEmergencyText = preface.isEmergency;
    extended.cause = error.cause;
    return extended;
  }

  /** @returns null if there is no message or it is administrative */
  private async getPreface({ body, headers, actor }: CareSlotRequest): Promise<Preface | null> {
    const { message, locale, clinicId } = (body ?? {}) as Record<string, unknown>;
    if (typeof message !== 'string' || message.trim() === '') return null;
    const assessment = assess(message);
    if (assessment.kind === 'ADMINISTRATIVE') return null;
    const clinic = isId(clinicId) ? clinicId : null;
    const lookUp = actor ? this.callers.find(actor.userId, clinic).catch(() => null) : null;
    const caller = await Promise.race([lookUp, sleep(MAX_LOOK_UP_MILLISECONDS, null, { ref: false })]);
    const hints = {
      message,
      locale: typeof locale === 'string' ? locale : null,
      acceptLanguage: headers['accept-language'] ?? null,
    };
    const messageLanguage = assessment.kind === 'EMERGENCY' ? assessment.emergency.language : null;
    const contact = selectLanguageAndNumber(this.config, hints, caller, messageLanguage);
    const { language, number } = contact;
    return assessment.kind === 'EMERGENCY'
      ? { text: `${emergencyText(language, assessment.emergency.flag, contact)} `, isEmergency: true }
      : { text: emergencyLines(language, number), isEmergency: false };
  }
}

function toInternalError(thrown: unknown): DomainError {
  const error = new DomainError('INTERNAL_ERROR', 'Something went wrong on our side.');
  error.cause = thrown;
  return error;
}
