import { createHash, createHmac, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { Config } from '../../core/config/config.js';
import { isId } from '../../core/kernel/id.js';
import { toClaims, deriveKey } from '../../core/security/tokens.js';
import type { UserView } from '../users/index.js';

export interface SignedIn {
  user: UserView;
  sessionId: string;
  accessToken: string;
  refreshToken: string;
  expiresIn: number;
}

export interface SessionLifetime {
  /** Until the session expires without a refresh. */
  seconds: number;
  /** Until it expires in any case. */
  absoluteSeconds: number;
}

/**
 * The tokens of a session. A refresh token is `session.secret.mac`: 256 random bits for one rotation, and a MAC that shows that we
 * made it. This tells an old token of a session from a guess: only the first ends the session. The database keeps a hash.
 */
@Injectable()
export class SessionTokens {
  private readonly key: KeyObject;
  private readonly csrfKey: KeyObject;

  constructor(
    private readonly config: Config,
    private readonly jwt: JwtService,
  ) {
    this.key = deriveKey(config.JWT_SECRET, 'refresh-token');
    this.csrfKey = deriveKey(config.JWT_SECRET, 'csrf-token');
  }

  /**
   * The answer to a sign-in or a refresh, with a new access token.
   * @param expiresIn seconds; as configured if left out
   */
  signedIn(user: UserView, sessionId: string, refreshToken: string, expiresIn = this.config.JWT_EXPIRES_IN): SignedIn {
    const { id: userId, role, clientId, doctorId, clinicIds } = user;
    const claims = toClaims({ userId, sessionId, role, clientId, doctorId, clinicIds });
    const accessToken = this.jwt.sign(claims, { header: { alg: 'HS256', typ: 'at+jwt' }, expiresIn });
    return { user, sessionId, accessToken, refreshToken, expiresIn };
  }

  /** @param tokenSeconds for a client that does not refresh: the session lives no longer than its access token */
  lifetime(tokenSeconds: number | null = null): SessionLifetime {
    const { JWT_REFRESH_EXPIRES_IN, SESSION_ABSOLUTE_EXPIRES_IN: absoluteSeconds } = this.config;
    return { seconds: Math.min(tokenSeconds ?? JWT_REFRESH_EXPIRES_IN, absoluteSeconds), absoluteSeconds };
  }

  /** A new refresh token. */
  make(sessionId: string): string {
    const body = `${sessionId}.${randomBytes(32).toString('base64url')}`;
    return `${body}.${mac(this.key, body)}`;
  }

  hashOf(token: string): Buffer {
    return createHash('sha256').update(token).digest();
  }

  /** @returns the session that the token was made for; null for anything that we did not make */
  sessionOf(token: string): string | null {
    const [sessionId, secret, tag, ...rest] = token.split('.');
    if (!isId(sessionId) || !secret || !tag || rest.length > 0) return null;
    return same(tag, mac(this.key, `${sessionId}.${secret}`)) ? sessionId : null;
  }

  /** What a browser in cookie mode has to send back in X-CSRF-Token. */
  csrfOf(sessionId: string): string {
    return mac(this.csrfKey, sessionId);
  }

  isCsrf(sessionId: string, sent: string | undefined): boolean {
    return sent !== undefined && same(sent, this.csrfOf(sessionId));
  }
}

const mac = (key: KeyObject, text: string): string => createHmac('sha256', key).update(text).digest('base64url');

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
