import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import type { Actor } from '../../core/kernel/actor.js';
import { UsersService, type SignInAccount, type UserView } from '../users/index.js';
import type { SessionView } from './auth.dto.js';
import { refreshTokenReused } from './auth.errors.js';
import { SessionTokens, type SignedIn } from './session-tokens.js';
import type { Device } from './device.js';
import { mfaRequired } from './mfa/mfa.errors.js';
import { SessionsRepository } from './sessions.repository.js';
import { SignOutService } from './sign-out.service.js';

interface OpenOptions {
  /** For an API client that does not refresh: how long its access token and the session live. */
  tokenSeconds?: number | null;
  /** Whether the code of the second factor was checked. Otherwise an account that has one is refused. */
  usedSecondFactor?: boolean;
}

/** Opens, refreshes and lists sessions. A session is one signed-in device, with a chain of refresh tokens of which only the newest is valid. */
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
   * Opens a session for an account whose first factor was checked. A concurrent change that ends all sessions of the account
   * (a new role or password) either ends this session too, or prevents it.
   * @returns null if the account was closed or changed since it was read
   * @throws DomainError MFA_REQUIRED
   */
  async open(
    account: SignInAccount,
    device: Device,
    { tokenSeconds = null, usedSecondFactor = false }: OpenOptions = {},
  ): Promise<SignedIn | null> {
    if (account.hasSecondFactor && !usedSecondFactor) throw mfaRequired();
    const { user } = account;
    const sessionId = newId();
    const refreshToken = this.tokens.createRefreshToken(sessionId);
    const { seconds, absoluteSeconds } = this.tokens.getLifetime(tokenSeconds);
    const { audit, event } = await this.toOpenedRows(user, sessionId);
    const isOpened = await this.sessions.open(account, {
      id: sessionId,
      refreshHash: this.tokens.hash(refreshToken),
      device,
      seconds,
      absoluteSeconds,
      audit,
      event,
    });
    if (!isOpened) return null;
    if (event) this.changes.wakeRelay();
    const expiresIn = tokenSeconds === null ? undefined : Math.min(tokenSeconds, absoluteSeconds);
    return this.tokens.toSignedIn({
      user,
      sessionId,
      refreshToken,
      hasSecondFactor: account.hasSecondFactor,
      expiresIn,
    });
  }

  /**
   * Returns new tokens for the newest refresh token. An older token of the chain means that two clients have it, so the
   * session and its access tokens end. This also happens if a client sends the same token twice at the same time.
   */
  async rotate(token: string): Promise<SignedIn> {
    const sessionId = this.tokens.readSessionId(token);
    if (!sessionId) throw new DomainError('UNAUTHENTICATED', 'This is not a valid refresh token.');
    const next = this.tokens.createRefreshToken(sessionId);
    const owner = await this.sessions.rotate(
      sessionId,
      this.tokens.hash(token),
      this.tokens.hash(next),
      this.tokens.getLifetime().seconds,
    );
    if (!owner) throw await this.explainRefusal(sessionId);
    const user = await this.users.find(owner.userId);
    if (!user) throw new DomainError('TOKEN_REVOKED', 'This account was closed.');
    return this.tokens.toSignedIn({ user, sessionId, refreshToken: next, hasSecondFactor: owner.hasSecondFactor });
  }

  list(actor: Actor): Promise<SessionView[]> {
    return this.sessions.list(actor.userId, actor.sessionId);
  }

  /** The audit row of an opened session and, for a patient whose address is not verified, its event. */
  private toOpenedRows({ id: userId, role, emailVerified }: UserView, sessionId: string) {
    const isUnverified = role === 'CLIENT' && !emailVerified;
    return this.changes.toRows({
      action: 'session.opened',
      objectType: 'session',
      objectId: sessionId,
      actor: { userId, role },
      // Makes EmailVerificationListener send the verification mail.
      event: isUnverified ? { name: 'session:opened-unverified', payload: { userId } } : null,
    });
  }

  private async explainRefusal(sessionId: string): Promise<DomainError> {
    const state = await this.sessions.getState(sessionId);
    if (!state) return new DomainError('UNAUTHENTICATED', 'This session does not exist. Sign in again.');
    if (state.revoked) return new DomainError('TOKEN_REVOKED', 'This session has ended. Sign in again.');
    if (state.expired) return new DomainError('TOKEN_EXPIRED', 'This session has expired. Sign in again.');
    await this.signOut.endReused(sessionId, state.userId);
    return refreshTokenReused();
  }
}
