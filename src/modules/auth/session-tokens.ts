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

interface OpenSession {
  user: UserView;
  sessionId: string;
  refreshToken: string;
  hasSecondFactor: boolean;
  /** Lifetime of the access token in seconds. Default: JWT_EXPIRES_IN. */
  expiresIn?: number | undefined;
}

export interface SessionLifetime {
  /** Seconds until the session expires without a refresh. */
  seconds: number;
  /** Seconds until it expires in any case. */
  absoluteSeconds: number;
}

/**
 * Creates and reads the tokens of a session. A refresh token is `session.secret.mac`, with a secret of 256 random bits. The
 * MAC distinguishes an old token, whose reuse ends the session, from a guess, which does not. The database stores a hash.
 */
@Injectable()
export class SessionTokens {
  private readonly refreshKey: KeyObject;
  private readonly csrfKey: KeyObject;

  constructor(
    private readonly config: Config,
    private readonly jwt: JwtService,
  ) {
    this.refreshKey = deriveKey(config.JWT_SECRET, 'refresh-token');
    this.csrfKey = deriveKey(config.JWT_SECRET, 'csrf-token');
  }

  /** Creates the response to a sign-in or a refresh, with a new access token. */
  toSignedIn(session: OpenSession): SignedIn {
    const { user, sessionId, refreshToken, hasSecondFactor, expiresIn = this.config.JWT_EXPIRES_IN } = session;
    const { id: userId, role, clientId, doctorId, clinicIds } = user;
    const claims = toClaims({ userId, sessionId, role, clientId, doctorId, clinicIds }, hasSecondFactor);
    const accessToken = this.jwt.sign(claims, { header: { alg: 'HS256', typ: 'at+jwt' }, expiresIn });
    return { user, sessionId, accessToken, refreshToken, expiresIn };
  }

  /** @param tokenSeconds for an API client that does not refresh: the session lives no longer than its access token */
  getLifetime(tokenSeconds: number | null = null): SessionLifetime {
    const { JWT_REFRESH_EXPIRES_IN, SESSION_ABSOLUTE_EXPIRES_IN: absoluteSeconds } = this.config;
    return { seconds: Math.min(tokenSeconds ?? JWT_REFRESH_EXPIRES_IN, absoluteSeconds), absoluteSeconds };
  }

  createRefreshToken(sessionId: string): string {
    const body = `${sessionId}.${randomBytes(32).toString('base64url')}`;
    return `${body}.${createMac(this.refreshKey, body)}`;
  }

  hash(token: string): Buffer {
    return createHash('sha256').update(token).digest();
  }

  /** @returns null for a token that was not created here */
  readSessionId(token: string): string | null {
    const [sessionId, secret, tag, ...rest] = token.split('.');
    if (!isId(sessionId) || !secret || !tag || rest.length > 0) return null;
    return isEqual(tag, createMac(this.refreshKey, `${sessionId}.${secret}`)) ? sessionId : null;
  }

  /** The value that a browser in cookie mode sends back in X-CSRF-Token. */
  getCsrfToken(sessionId: string): string {
    return createMac(this.csrfKey, sessionId);
  }

  isCsrfToken(sessionId: string, sent: string | undefined): boolean {
    return sent !== undefined && isEqual(sent, this.getCsrfToken(sessionId));
  }
}

const createMac = (key: KeyObject, text: string): string => createHmac('sha256', key).update(text).digest('base64url');

/** Compares in constant time. */
function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
