import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { notFound } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import { LiveSessions } from '../../core/security/live-sessions.js';
import { AccountAccess } from '../users/index.js';
import { SessionsRepository } from './sessions.repository.js';

/** Ends sessions. Their access tokens and sockets end too, in every process. */
@Injectable()
export class SignOutService {
  constructor(
    private readonly db: Database,
    private readonly sessions: SessionsRepository,
    private readonly access: AccountAccess,
    private readonly live: LiveSessions,
    private readonly changes: ChangeLog,
  ) {}

  /** @throws DomainError NOT_FOUND if the session belongs to another user or has ended */
  async end(actor: Pick<Actor, 'userId' | 'sessionId'>, sessionId: string): Promise<null> {
    return this.db.transaction(async () => {
      if (!(await this.sessions.end(sessionId, actor.userId, 'signed out'))) throw notFound();
      await this.live.announceEnded([sessionId]);
      // A change of address that was asked for in this session stays if the user signs out of it.
      if (sessionId !== actor.sessionId) await this.access.revokeEmailChange(actor.userId, sessionId);
      await this.record('session.ended', sessionId);
      return null;
    });
  }

  async endAll(actor: Actor): Promise<null> {
    return this.db.transaction(async () => {
      await this.access.endSessions(actor.userId, 'signed out everywhere');
      await this.record('session.all-ended', actor.userId);
      return null;
    });
  }

  /** Ends a session whose refresh token was used twice, and tells the owner. Commits, although the request then fails. */
  async endReused(sessionId: string, userId: string): Promise<void> {
    await this.db.transaction(async () => {
      if (!(await this.sessions.end(sessionId, userId, 'refresh token reused'))) return;
      await this.live.announceEnded([sessionId]);
      await this.access.revokeEmailChange(userId, sessionId);
      await this.record('session.refresh-reused', sessionId);
      await this.access.notifyOwner(userId, 'REFRESH_TOKEN_REUSED');
    });
  }

  private record(action: string, objectId: string): Promise<void> {
    return this.changes.record({ action, objectType: 'session', objectId, event: null });
  }
}
