import { Injectable } from '@nestjs/common';
import { parse } from 'cookie';
import type { Request, Response } from 'express';
import { Config } from '../../core/config/config.js';
import type { SignedInView } from './auth.dto.js';
import { csrfFailed } from './auth.errors.js';
import { SessionTokens, type SignedIn } from './session-tokens.js';

const REFRESH_COOKIE = 'careslot_refresh';
export const CSRF_COOKIE = 'careslot_csrf';
const PATH = '/api/v1/auth';

/** The refresh token of a browser (`X-Auth-Mode: cookie`). Scripts cannot read it, and it requires the header X-CSRF-Token. */
@Injectable()
export class RefreshCookie {
  constructor(
    private readonly config: Config,
    private readonly tokens: SessionTokens,
  ) {}

  /**
   * Puts the refresh token into the body, or into the cookie in cookie mode. If the old token came in the cookie, the new
   * one never goes into the body, where scripts could read it.
   */
  toView(
    request: Request,
    response: Response,
    { user, sessionId, accessToken, refreshToken, expiresIn }: SignedIn,
    { cameInCookie = false } = {},
  ): SignedInView {
    const view = { user, accessToken, expiresIn };
    if (!cameInCookie && request.headers['x-auth-mode'] !== 'cookie') return { ...view, refreshToken };
    const options = this.options(this.config.JWT_REFRESH_EXPIRES_IN * 1000);
    response.cookie(REFRESH_COOKIE, refreshToken, { ...options, httpOnly: true, path: PATH });
    response.cookie(CSRF_COOKIE, this.tokens.getCsrfToken(sessionId), { ...options, path: '/' });
    return view;
  }

  /** Reads the token of the cookie. @throws DomainError CSRF_FAILED if the header is missing or wrong */
  read(request: Request): string | null {
    const token = parse(request.headers.cookie ?? '')[REFRESH_COOKIE];
    if (!token) return null;
    const sessionId = this.tokens.readSessionId(token);
    const header = request.headers['x-csrf-token'];
    if (sessionId && !this.tokens.isCsrfToken(sessionId, typeof header === 'string' ? header : undefined)) {
      throw csrfFailed();
    }
    return token;
  }

  clear(response: Response): void {
    response.clearCookie(REFRESH_COOKIE, { ...this.options(), httpOnly: true, path: PATH });
    response.clearCookie(CSRF_COOKIE, { ...this.options(), path: '/' });
  }

  private options(maxAge?: number) {
    return { secure: this.config.NODE_ENV === 'production', sameSite: 'strict' as const, ...(maxAge && { maxAge }) };
  }
}
