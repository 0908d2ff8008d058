import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { DomainError } from '../kernel/domain-error.js';
import type { Actor } from '../kernel/actor.js';
import { LiveSessions } from './live-sessions.js';
import { ACCESS_TOKEN, actorOf, type AccessClaims } from './tokens.js';

export interface VerifiedToken {
  actor: Actor;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** Access tokens that do not come in a header: the same checks as jwt.strategy.ts and access.guard.ts. */
@Injectable()
export class TokenVerifier {
  constructor(
    private readonly jwt: JwtService,
    private readonly sessions: LiveSessions,
  ) {}

  /** @throws DomainError UNAUTHENTICATED, TOKEN_EXPIRED, TOKEN_REVOKED */
  verify(token: unknown): VerifiedToken {
    if (typeof token !== 'string') throw new DomainError('UNAUTHENTICATED', 'A valid access token is needed.');
    const claims = this.claimsOf(token);
    if (claims.typ !== ACCESS_TOKEN.typ || !claims.exp || !claims.sid || !claims.sub) {
      throw new DomainError('UNAUTHENTICATED', 'This is not an access token.');
    }
    const actor = actorOf(claims);
    if (this.sessions.hasEnded(actor.sessionId)) {
      throw new DomainError('TOKEN_REVOKED', 'This session has ended; sign in again.');
    }
    const clinicIds = this.sessions.clinicsOf(actor.userId);
    return { actor: clinicIds ? { ...actor, clinicIds } : actor, expiresAt: claims.exp * 1000 };
  }

  private claimsOf(token: string): AccessClaims {
    try {
      const { algorithm, issuer, audience } = ACCESS_TOKEN;
      return this.jwt.verify<AccessClaims>(token, { algorithms: [algorithm], issuer, audience });
    } catch (error) {
      if (error instanceof Error && error.name === 'TokenExpiredError') {
        throw new DomainError('TOKEN_EXPIRED', 'The access token has expired; refresh it.');
      }
      throw new DomainError('UNAUTHENTICATED', 'A valid access token is needed.');
    }
  }
}
