import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { reused } from '../../core/http/idempotency-keys.js';
import { canonicalEmail } from '../../core/kernel/email.js';
import { AuthService } from './auth.service.js';
import { SignInLimits } from './sign-in-limits.js';

/**
 * Protects repeated registrations, since the stored response contains tokens. A repeated request gets it only with the
 * account's password, and counts as a sign-in attempt, so that an Idempotency-Key is no way to guess a password. It runs
 * outside of the idempotency interceptor.
 */
@Injectable()
export class RegistrationInterceptor implements NestInterceptor {
  constructor(
    private readonly auth: AuthService,
    private readonly limits: SignInLimits,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    if (request.headers['idempotency-key'] === undefined) return next.handle();
    return from(this.checkReplay(request, http.getResponse<Response>(), next));
  }

  private async checkReplay(request: Request, response: Response, next: CallHandler): Promise<unknown> {
    const answer: unknown = await lastValueFrom(next.handle());
    if (!response.hasHeader('Idempotency-Replayed')) return answer;
    response.removeHeader('Idempotency-Replayed');
    const { email, password } = request.body as { email: unknown; password: unknown };
    await this.assertOwner(canonicalEmail(String(email)), String(password), request.ip ?? null);
    response.setHeader('Idempotency-Replayed', 'true');
    return answer;
  }

  /** @throws DomainError RATE_LIMITED; IDEMPOTENCY_KEY_REUSED if it is not the account's password */
  private async assertOwner(email: string, password: string, ip: string | null): Promise<void> {
    const attempt = await this.limits.begin(email, ip);
    const userId = await this.auth.findUserId(email, password);
    if (userId) return attempt.succeed();
    await attempt.fail(null);
    throw reused();
  }
}
