import { Injectable, type OnModuleInit } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Config } from '../../core/config/config.js';
import { Database } from '../../core/database/database.js';
import { MaintenanceScheduler } from '../../core/jobs/maintenance-scheduler.js';
import { DomainError, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import type { Actor } from '../../core/security/actor.js';
import { LiveSessions } from '../../core/security/live-sessions.js';
import { claimsOf } from '../../core/security/tokens.js';
import { UsersService, type SignInAccount, type UserView } from '../users/index.js';
import type { SessionView } from './auth.dto.js';
import { refreshTokenReused } from './auth.errors.js';
import { RefreshTokens } from './refresh-tokens.js';
import { SessionsRepository, type Device } from './sessions.repository.js';

/** For who asks where an account was signed in. */
const KEEP_DAYS = 90;
const SWEEP_SECONDS = 3_600;

export interface SignedIn {
  user: UserView;
  sessionId: string;
  accessToken: string;
  refreshToken: string;
  expiresIn: number;
}

/** A session is one signed-in device: a chain of refresh tokens, of which only the newest is good. */
@Injectable()
export class SessionsService implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly sessions: SessionsRepository,
    private readonly tokens: RefreshTokens,
    private readonly users: UsersService,
    private readonly live: LiveSessions,
    private readonly jwt: JwtService,
    private readonly config: Config,
    private readonly changes: ChangeLog,
    private readonly maintenance: MaintenanceScheduler,
  ) {}

  onModuleInit(): void {
    const run = (): Promise<void> => this.sessions.sweep(KEEP_DAYS);
    this.maintenance.register({ name: 'delete-old-sessions', everySeconds: SWEEP_SECONDS, run });
  }

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
    const { JWT_REFRESH_EXPIRES_IN, SESSION_ABSOLUTE_EXPIRES_IN: absoluteSeconds } = this.config;
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
      seconds: Math.min(tokenSeconds ?? JWT_REFRESH_EXPIRES_IN, absoluteSeconds),
      absoluteSeconds,
      audit,
      event,
    });
    if (!isOpen) return null;
    if (event) this.db.afterCommit(() => this.changes.committed());
    const expiresIn = tokenSeconds === null ? undefined : Math.min(tokenSeconds, absoluteSeconds);
    return this.signedIn(user, sessionId, refreshToken, expiresIn);
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
      this.config.JWT_REFRESH_EXPIRES_IN,
    );
    if (!userId) throw await this.refuse(sessionId);
    const user = await this.users.find(userId);
    if (!user) throw new DomainError('TOKEN_REVOKED', 'This account has ended.');
    return this.signedIn(user, sessionId, next);
  }

  async end(actor: Actor, sessionId: string): Promise<null> {
    return this.db.transaction(async () => {
      if (!(await this.sessions.end(sessionId, actor.userId, 'signed out'))) throw notFound();
      await this.live.announceEnded([sessionId]);
      await this.record('session.ended', sessionId);
      return null;
    });
  }

  async endAll(actor: Actor): Promise<null> {
    return this.db.transaction(async () => {
      await this.users.endSessions(actor.userId, 'signed out everywhere');
      await this.record('session.all-ended', actor.userId);
      return null;
    });
  }

  list(actor: Actor): Promise<SessionView[]> {
    return this.sessions.listOf(actor.userId, actor.sessionId);
  }

  private async refuse(sessionId: string): Promise<DomainError> {
    const state = await this.sessions.state(sessionId);
    if (!state) return new DomainError('UNAUTHENTICATED', 'There is no such session.');
    if (state.revoked) return new DomainError('TOKEN_REVOKED', 'This session has ended; sign in again.');
    if (state.expired) return new DomainError('TOKEN_EXPIRED', 'This session has run out; sign in again.');
    // Must be committed although the request fails.
    await this.db.transaction(async () => {
      if (!(await this.sessions.end(sessionId, state.userId, 'refresh token reused'))) return;
      await this.live.announceEnded([sessionId]);
      await this.record('session.refresh-reused', sessionId);
    });
    return refreshTokenReused();
  }

  private signedIn(
    user: UserView,
    sessionId: string,
    refreshToken: string,
    expiresIn = this.config.JWT_EXPIRES_IN,
  ): SignedIn {
    const { id: userId, role, clientId, doctorId, clinicIds } = user;
    const claims = claimsOf({ userId, sessionId, role, clientId, doctorId, clinicIds });
    const accessToken = this.jwt.sign(claims, { header: { alg: 'HS256', typ: 'at+jwt' }, expiresIn });
    return { user, sessionId, accessToken, refreshToken, expiresIn };
  }

  private record(action: string, objectId: string): Promise<void> {
    return this.changes.record({ action, objectType: 'session', objectId, event: null });
  }
}
