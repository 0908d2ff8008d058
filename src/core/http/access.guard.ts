import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { Request } from 'express';
import { LRUCache } from 'lru-cache';
import { currentContext } from '../context/request-context.js';
import { DomainError, forbidden } from '../kernel/domain-error.js';
import { Clock } from '../kernel/clock.js';
import type { CareSlotRequest } from './careslot-request.js';
import { getOperation } from './operation.js';
import { ApiKeyAuthenticator, isApiKey } from '../security/api-key-authenticator.js';
import type { OperationOptions } from './operation-options.js';
import { LiveSessions } from '../security/live-sessions.js';
import { hasPermission, type Permission } from '../security/permissions.js';
import { MfaRequirements } from '../security/mfa-requirements.js';
import { RateLimits } from '../security/rate-limits.js';
import { toVerified } from '../security/token-verifier.js';
import { invalidToken, sessionEnded, tokenExpired, type AccessClaims, type VerifiedToken } from '../security/tokens.js';

const MAX_CACHED_TOKENS = 10_000;

/** passport-jwt checks signature, algorithm, issuer, audience and expiry. */
class BearerToken extends AuthGuard('jwt') {
  override handleRequest<T>(error: unknown, claims: T | false, info: unknown): T {
    if (error instanceof Error) throw error;
    if (claims) return claims;
    throw (info as Error | undefined)?.name === 'TokenExpiredError' ? tokenExpired() : invalidToken();
  }
}

/**
 * Authenticates the caller and checks the permission of the route, without a query: verified tokens are cached, and a request
 * with a cached token only checks its expiry, its session and whether the user must set up a second factor first.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly bearer = new BearerToken();
  private readonly verifiedTokens = new LRUCache<string, VerifiedToken>({ max: MAX_CACHED_TOKENS });

  constructor(
    private readonly sessions: LiveSessions,
    private readonly clock: Clock,
    private readonly limits: RateLimits,
    private readonly mfa: MfaRequirements,
    private readonly apiKeys: ApiKeyAuthenticator,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    // Sockets are authenticated by their handshake, and closed when their session ends.
    if (context.getType() === 'ws') return true;
    const request = context.switchToHttp().getRequest<CareSlotRequest>();
    const operation = (request.operation = getOperation(context.getHandler()));
    currentContext().useCase = `${request.method} ${(request.route as { path: string }).path}`;
    if (request.bodyRefusal) throw request.bodyRefusal;
    const token = getBearerToken(request);
    if (token === null) {
      if (operation.permission === 'public') return true;
      throw new DomainError('UNAUTHENTICATED', 'Sign in first: this needs an access token.');
    }
    const cached = this.verifiedTokens.get(token);
    if (cached) return this.authorize(request, operation, cached);
    return this.verify(context, token).then(
      (verified) => this.authorize(request, operation, verified),
      (error: unknown) => {
        if (operation.permission === 'public' && !isRateLimited(error)) return true;
        throw error;
      },
    );
  }

  private authorize(request: CareSlotRequest, operation: OperationOptions, token: VerifiedToken): boolean {
    const refusal = this.findRefusal(token);
    if (refusal) {
      if (operation.permission === 'public') return true;
      throw refusal;
    }
    const actor = this.sessions.withChanges(token.actor);
    const lacksFactor = !operation.allowsMissingMfa && this.mfa.isMissing(actor, token.hadFactor);
    if (lacksFactor && operation.permission === 'public') return true;
    request.actor = actor;
    currentContext().actor = actor;
    if (lacksFactor) throw this.mfa.refusal();
    if (!hasPermission(actor, operation.permission)) throw forbidden();
    if (actor.role === 'CLIENT' && this.limits.isPermissionLimited(operation.permission)) {
      this.limitUses(request, operation.permission, actor.userId);
    }
    return true;
  }

  private limitUses({ res: response }: CareSlotRequest, permission: Permission, userId: string): void {
    this.limits.consumePermission(permission, userId);
    // Counted before the work, so that concurrent requests count, and requests whose client disconnects.
    response?.once('close', () => {
      if (response.headersSent && response.statusCode >= 300) this.limits.takeBackPermission(permission, userId);
    });
  }

  private findRefusal({ actor, expiresAt }: VerifiedToken): DomainError | null {
    if (this.sessions.hasEnded(actor.sessionId)) return sessionEnded();
    return expiresAt <= this.clock.now() ? tokenExpired() : null;
  }

  private async verify(context: ExecutionContext, token: string): Promise<VerifiedToken> {
    if (isApiKey(token)) return this.apiKeys.authenticate(token, currentContext().ip);
    await this.bearer.canActivate(context);
    const claims = context.switchToHttp().getRequest<{ user: AccessClaims }>().user;
    const verified = toVerified(claims);
    this.verifiedTokens.set(token, verified);
    return verified;
  }
}

const isRateLimited = (error: unknown): boolean => error instanceof DomainError && error.code === 'RATE_LIMITED';

/** RFC 6750: the scheme and one token. */
const BEARER = /^bearer +([\w.~+/=-]+)$/i;

const getBearerToken = ({ headers }: Request): string | null => BEARER.exec(headers.authorization ?? '')?.[1] ?? null;
