import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import type { Actor } from '../kernel/actor.js';
import { LiveSessions } from './live-sessions.js';
import {
  ACCESS_TOKEN,
  toActor,
  assertAccessToken,
  invalidToken,
  sessionEnded,
  tokenExpired,
  type AccessClaims,
} from './tokens.js';

export interface VerifiedToken {
  actor: Actor;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** Verifies access tokens outside of HTTP headers, with the same checks as jwt.strategy.ts and access.guard.ts. */
@Injectable()
export class TokenVerifier {
  constructor(
    private readonly jwt: JwtService,
    private readonly sessions: LiveSessions,
  ) {}

  /** @throws DomainError UNAUTHENTICATED, TOKEN_EXPIRED, TOKEN_REVOKED */
  verify(token: unknown): VerifiedToken {
    if (typeof token !== 'string') throw invalidToken();
    const claims = this.readClaims(token);
    assertAccessToken(claims);
    const actor = toActor(claims);
    if (this.sessions.hasEnded(actor.sessionId)) throw sessionEnded();
    const clinicIds = this.sessions.getChangedClinics(actor.userId);
    return { actor: clinicIds ? { ...actor, clinicIds } : actor, expiresAt: claims.exp * 1000 };
  }

  private readClaims(token: string): AccessClaims {
    try {
      const { algorithm, issuer, audience } = ACCESS_TOKEN;
      return this.jwt.verify<AccessClaims>(token, { algorithms: [algorithm], issuer, audience });
    } catch (error) {
      throw error instanceof Error && error.name === 'TokenExpiredError' ? tokenExpired() : invalidToken();
    }
  }
}
