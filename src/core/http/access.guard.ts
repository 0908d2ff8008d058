import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { Request } from 'express';
import { LRUCache } from 'lru-cache';
import { currentContext } from '../context/request-context.js';
import { DomainError, forbidden } from '../kernel/domain-error.js';
import { Clock } from '../kernel/clock.js';
import { operationOf, type OperationOptions } from './operation.js';
import type { Actor } from '../kernel/actor.js';
import { LiveSessions } from '../security/live-sessions.js';
import { allows, type Permission } from '../security/permissions.js';
import { RateLimits } from '../security/rate-limits.js';
import { actorOf, type AccessClaims } from '../security/tokens.js';

const REMEMBERED_TOKENS = 10_000;

export interface CareSlotRequest extends Request {
  actor?: Actor | null;
  operation?: OperationOptions;
  /** Why the body was not read; thrown once it is known that the route exists. */
  bodyRefusal?: DomainError;
  /** The content of a form whose file was read as a stream: fields and hash. An Idempotency-Key is bound to it. */
  formContent?: object;
}

/** passport-jwt checks signature, algorithm, issuer, audience and expiry. */
class BearerToken extends AuthGuard('jwt') {
  override handleRequest<T>(error: unknown, claims: T | false, info: unknown): T {
    if (error instanceof Error) throw error;
    if (claims) return claims;
    if ((info as Error | undefined)?.name === 'TokenExpiredError') {
      throw new DomainError('TOKEN_EXPIRED', 'The access token has expired; refresh it.');
    }
    throw new DomainError('UNAUTHENTICATED', 'A valid access token is needed.');
  }
}

/**
 * Who asks, and may its role do this? Needs no query: a token whose signature was checked once is remembered, only its
 * expiry and its session are looked at again.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly bearer = new BearerToken();
  private readonly known = new LRUCache<string, { actor: Actor; expiresAt: number }>({ max: REMEMBERED_TOKENS });

  constructor(
    private readonly sessions: LiveSessions,
    private readonly clock: Clock,
    private readonly limits: RateLimits,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    // A socket was let in by its handshake, and is ended with its session.
    if (context.getType() === 'ws') return true;
    const request = context.switchToHttp().getRequest<CareSlotRequest>();
    const operation = (request.operation = operationOf(context.getHandler()));
    currentContext().useCase = `${request.method} ${(request.route as { path: string }).path}`;
    if (request.bodyRefusal) throw request.bodyRefusal;
    const token = bearerTokenOf(request);
    if (token === null) {
      if (operation.permission === 'public') return true;
      throw new DomainError('UNAUTHENTICATED', 'Sign in first: this needs an access token.');
    }
    const known = this.known.get(token);
    if (known) return this.admit(request, operation, known);
    return this.check(context, token).then(
      (checked) => this.admit(request, operation, checked),
      (error: unknown) => {
        if (operation.permission === 'public') return true;
        throw error;
      },
    );
  }

  private admit(
    request: CareSlotRequest,
    operation: OperationOptions,
    known: { actor: Actor; expiresAt: number },
  ): boolean {
    const refusal = this.refusal(known);
    if (refusal) {
      if (operation.permission === 'public') return true;
      throw refusal;
    }
    const clinicIds = this.sessions.clinicsOf(known.actor.userId);
    const actor = clinicIds ? { ...known.actor, clinicIds } : known.actor;
    request.actor = actor;
    currentContext().actor = actor;
    if (!allows(actor.role, operation.permission)) throw forbidden();
    if (actor.role === 'CLIENT' && this.limits.isPermissionLimited(operation.permission)) {
      this.limitUses(request, operation.permission, actor.userId);
    }
    return true;
  }

  private limitUses({ res: response }: CareSlotRequest, permission: Permission, userId: string): void {
    this.limits.consumePermission(permission, userId);
    // Counted from the start, or requests at once would not see each other, and one whose client hangs up would be free.
    response?.once('close', () => {
      if (response.headersSent && response.statusCode >= 300) this.limits.giveBackPermission(permission, userId);
    });
  }

  private refusal({ actor, expiresAt }: { actor: Actor; expiresAt: number }): DomainError | null {
    if (this.sessions.hasEnded(actor.sessionId)) {
      return new DomainError('TOKEN_REVOKED', 'This session has ended; sign in again.');
    }
    if (expiresAt <= this.clock.now())
      return new DomainError('TOKEN_EXPIRED', 'The access token has expired; refresh it.');
    return null;
  }

  private async check(context: ExecutionContext, token: string): Promise<{ actor: Actor; expiresAt: number }> {
    await this.bearer.canActivate(context);
    const claims = context.switchToHttp().getRequest<{ user: AccessClaims }>().user;
    const checked = { actor: actorOf(claims), expiresAt: claims.exp * 1000 };
    this.known.set(token, checked);
    return checked;
  }
}

/** RFC 6750: one token and nothing behind it. */
const BEARER = /^bearer +([\w.~+/=-]+)$/i;

const bearerTokenOf = ({ headers }: Request): string | null => BEARER.exec(headers.authorization ?? '')?.[1] ?? null;
