import { createHash, createHmac, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '../../core/config/config.js';
import { isId } from '../../core/kernel/id.js';
import { deriveKey } from '../../core/security/tokens.js';

/**
 * A refresh token is `session.secret.mac`: 256 random bits for one rotation, and a MAC that shows that we made it. So an
 * old token of a session is told from a guess: only the first ends the session. The database keeps a hash.
 */
@Injectable()
export class RefreshTokens {
  private readonly key: KeyObject;
  private readonly csrfKey: KeyObject;

  constructor(config: Config) {
    this.key = deriveKey(config.JWT_SECRET, 'refresh-token');
    this.csrfKey = deriveKey(config.JWT_SECRET, 'csrf-token');
  }

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
