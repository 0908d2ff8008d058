import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { reused } from '../../core/http/idempotency-keys.js';
import { canonicalEmail } from '../../core/kernel/email.js';
import { AuthService } from './auth.service.js';
import { SignInLimits } from './sign-in-limits.js';

/**
 * Stands around the Idempotency-Key of a registration. A repeated request is answered only to who knows the password, and
 * counts against the limits of signing in: the stored answer holds tokens, and a key must be no way to guess a password.
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
    return from(this.answer(request, http.getResponse<Response>(), next));
  }

  private async answer(request: Request, response: Response, next: CallHandler): Promise<unknown> {
    const answer: unknown = await lastValueFrom(next.handle());
    if (!response.hasHeader('Idempotency-Replayed')) return answer;
    response.removeHeader('Idempotency-Replayed');
    const { email, password } = request.body as { email: unknown; password: unknown };
    await this.assertOwner(canonicalEmail(String(email)), String(password), request.ip ?? null);
    response.setHeader('Idempotency-Replayed', 'true');
    return answer;
  }

  /** @throws DomainError RATE_LIMITED; IDEMPOTENCY_KEY_REUSED for another password than that of the account */
  private async assertOwner(email: string, password: string, ip: string | null): Promise<void> {
    const attempt = await this.limits.begin(email, ip);
    const userId = await this.auth.ownerOf(email, password);
    if (userId) return attempt.takeBack();
    await attempt.fail(null);
    throw reused();
  }
}
