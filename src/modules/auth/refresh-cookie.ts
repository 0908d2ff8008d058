import { Injectable } from '@nestjs/common';
import { parse } from 'cookie';
import type { Request, Response } from 'express';
import { Config } from '../../core/config/config.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import type { SignedInView } from './auth.dto.js';
import { SessionTokens, type SignedIn } from './session-tokens.js';

const REFRESH = 'careslot_refresh';
const CSRF = 'careslot_csrf';
const PATH = '/api/v1/auth';

/** The refresh token of a browser (`X-Auth-Mode: cookie`): out of reach of scripts, and worthless without X-CSRF-Token. */
@Injectable()
export class RefreshCookie {
  constructor(
    private readonly config: Config,
    private readonly tokens: SessionTokens,
  ) {}

  /**
   * Puts the refresh token where the client wants it: into the body, or into the cookie. One that came in the cookie
   * stays out of reach of scripts whatever they ask for.
   */
  answer(
    request: Request,
    response: Response,
    { user, sessionId, accessToken, refreshToken, expiresIn }: SignedIn,
    cameInCookie = false,
  ): SignedInView {
    const view = { user, accessToken, expiresIn };
    if (!cameInCookie && request.headers['x-auth-mode'] !== 'cookie') return { ...view, refreshToken };
    const options = this.options(this.config.JWT_REFRESH_EXPIRES_IN * 1000);
    response.cookie(REFRESH, refreshToken, { ...options, httpOnly: true, path: PATH });
    response.cookie(CSRF, this.tokens.csrfOf(sessionId), { ...options, path: '/' });
    return view;
  }

  /** @throws DomainError CSRF_FAILED where the cookie comes without its header */
  read(request: Request): string | null {
    const token = parse(request.headers.cookie ?? '')[REFRESH];
    if (!token) return null;
    const sessionId = this.tokens.sessionOf(token);
    const header = request.headers['x-csrf-token'];
    if (sessionId && !this.tokens.isCsrf(sessionId, typeof header === 'string' ? header : undefined)) {
      throw new DomainError('CSRF_FAILED', 'X-CSRF-Token must carry the value of the careslot_csrf cookie.');
    }
    return token;
  }

  clear(response: Response): void {
    response.clearCookie(REFRESH, { ...this.options(), httpOnly: true, path: PATH });
    response.clearCookie(CSRF, { ...this.options(), path: '/' });
  }

  private options(maxAge?: number) {
    return { secure: this.config.NODE_ENV === 'production', sameSite: 'strict' as const, ...(maxAge && { maxAge }) };
  }
}
