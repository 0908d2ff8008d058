import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import { map, type Observable } from 'rxjs';
import { RefreshCookie } from './refresh-cookie.js';
import type { SignedIn } from './session-tokens.js';

/**
 * Puts the refresh token of a sign-in into the body or, in cookie mode, into the cookie. It runs outside of the idempotency
 * interceptor, so that a repeated request gets the same cookies as the first one.
 */
@Injectable()
export class SignedInInterceptor implements NestInterceptor {
  constructor(private readonly cookie: RefreshCookie) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const toView = (signedIn: SignedIn) =>
      this.cookie.toView(http.getRequest<Request>(), http.getResponse<Response>(), signedIn);
    return (next.handle() as Observable<SignedIn>).pipe(map(toView));
  }
}
