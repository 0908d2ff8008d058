import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { ApiKeyAuthenticator, isApiKey } from './api-key-authenticator.js';
import { LiveSessions } from './live-sessions.js';
import { MfaRequirements } from './mfa-requirements.js';
import {
  ACCESS_TOKEN,
  toActor,
  assertAccessToken,
  invalidToken,
  sessionEnded,
  tokenExpired,
  type AccessClaims,
  type VerifiedToken,
} from './tokens.js';

export const toVerified = (claims: AccessClaims): VerifiedToken => ({
  actor: toActor(claims),
  expiresAt: claims.exp * 1000,
  hadFactor: claims.mfa === true,
});

/** Verifies access tokens outside of HTTP headers, with the same checks as jwt.strategy.ts and access.guard.ts. */
@Injectable()
export class TokenVerifier {
  constructor(
    private readonly jwt: JwtService,
    private readonly sessions: LiveSessions,
    private readonly mfa: MfaRequirements,
    private readonly apiKeys: ApiKeyAuthenticator,
  ) {}

  /** Also accepts an API key. @throws DomainError as `verify`, and RATE_LIMITED for a key */
  async verifyTokenOrKey(token: unknown, ip: string | null): Promise<VerifiedToken> {
    return isApiKey(token) ? this.apiKeys.authenticate(token, ip) : this.verify(token);
  }

  /** @throws DomainError UNAUTHENTICATED, TOKEN_EXPIRED, TOKEN_REVOKED; FORBIDDEN for a user who must set up a second factor */
  verify(token: unknown): VerifiedToken {
    if (typeof token !== 'string') throw invalidToken();
    const claims = this.readClaims(token);
    assertAccessToken(claims);
    const verified = toVerified(claims);
    if (this.sessions.hasEnded(verified.actor.sessionId)) throw sessionEnded();
    const actor = this.sessions.withChanges(verified.actor);
    if (this.mfa.isMissing(actor, verified.hadFactor)) throw this.mfa.refusal();
    return { ...verified, actor };
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
