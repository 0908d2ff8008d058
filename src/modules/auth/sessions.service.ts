import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import type { Actor } from '../../core/kernel/actor.js';
import { UsersService, type SignInAccount } from '../users/index.js';
import type { SessionView } from './auth.dto.js';
import { refreshTokenReused } from './auth.errors.js';
import { SessionTokens, type SignedIn } from './session-tokens.js';
import { SessionsRepository, type Device } from './sessions.repository.js';
import { SignOutService } from './sign-out.service.js';

/** A session is one signed-in device: a chain of refresh tokens, of which only the newest is good. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly tokens: SessionTokens,
    private readonly users: UsersService,
    private readonly signOut: SignOutService,
    private readonly changes: ChangeLog,
  ) {}

  /**
   * Opens a session for an account whose password was checked. What ends all sessions of the account (a new role or
   * password) either ends this one too or makes it null.
   * @param tokenSeconds for a client that does not refresh: how long its access token and the session live
   * @returns null if the account has ended or was changed since it was read
   */
  async open(account: SignInAccount, device: Device, tokenSeconds: number | null = null): Promise<SignedIn | null> {
    const { user } = account;
    const sessionId = newId();
    const refreshToken = this.tokens.make(sessionId);
    const { seconds, absoluteSeconds } = this.tokens.lifetime(tokenSeconds);
    const { audit, event } = this.changes.toRows({
      action: 'session.opened',
      objectType: 'session',
      objectId: sessionId,
      actor: { userId: user.id, role: user.role },
      // Sends the patient the mail that asks to verify the address.
      event:
        user.role === 'CLIENT' && !user.emailVerified
          ? { name: 'session:opened-unverified', payload: { userId: user.id } }
          : null,
    });
    const isOpen = await this.sessions.open(account, {
      id: sessionId,
      refreshHash: this.tokens.hashOf(refreshToken),
      device,
      seconds,
      absoluteSeconds,
      audit,
      event,
    });
    if (!isOpen) return null;
    if (event) this.changes.committed();
    const expiresIn = tokenSeconds === null ? undefined : Math.min(tokenSeconds, absoluteSeconds);
    return this.tokens.signedIn(user, sessionId, refreshToken, expiresIn);
  }

  /**
   * A new pair for the newest refresh token. An older one of the chain means that two hold it: the session ends, and
   * with it every access token of it. There is no grace: of parallel refreshes one wins and the others end the session.
   */
  async rotate(token: string): Promise<SignedIn> {
    const sessionId = this.tokens.sessionOf(token);
    if (!sessionId) throw new DomainError('UNAUTHENTICATED', 'This is not a refresh token of ours.');
    const next = this.tokens.make(sessionId);
    const userId = await this.sessions.rotate(
      sessionId,
      this.tokens.hashOf(token),
      this.tokens.hashOf(next),
      this.tokens.lifetime().seconds,
    );
    if (!userId) throw await this.refuse(sessionId);
    const user = await this.users.find(userId);
    if (!user) throw new DomainError('TOKEN_REVOKED', 'This account has ended.');
    return this.tokens.signedIn(user, sessionId, next);
  }

  list(actor: Actor): Promise<SessionView[]> {
    return this.sessions.listOf(actor.userId, actor.sessionId);
  }

  private async refuse(sessionId: string): Promise<DomainError> {
    const state = await this.sessions.state(sessionId);
    if (!state) return new DomainError('UNAUTHENTICATED', 'There is no such session.');
    if (state.revoked) return new DomainError('TOKEN_REVOKED', 'This session has ended; sign in again.');
    if (state.expired) return new DomainError('TOKEN_EXPIRED', 'This session has run out; sign in again.');
    await this.signOut.endReused(sessionId, state.userId);
    return refreshTokenReused();
  }
}
