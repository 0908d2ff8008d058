import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { LiveSessions, type LiveChange } from '../../core/security/live-sessions.js';

/** Lets LiveSessions read which sessions have ended, and which users have switched their second factor on or off. */
@Injectable()
export class AuthLiveChanges implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly sessions: LiveSessions,
  ) {}

  onModuleInit(): void {
    this.sessions.registerReader((seconds) => this.findEndedSessions(seconds));
    this.sessions.registerReader((seconds) => this.findChangedFactors(seconds));
  }

  private async findEndedSessions(seconds: number): Promise<LiveChange[]> {
    const rows = await this.db.rows<{ id: string }>(
      `SELECT id FROM session WHERE revoked_at > now() - make_interval(secs => $1)`,
      [seconds],
    );
    return rows.length > 0 ? [{ sessions: rows.map(({ id }) => id) }] : [];
  }

  private async findChangedFactors(seconds: number): Promise<LiveChange[]> {
    const rows = await this.db.rows<{ userId: string; hasFactor: boolean; changedAt: Date }>(
      `SELECT user_id AS "userId", enabled_at IS NOT NULL AS "hasFactor", changed_at AS "changedAt" FROM mfa_factor
       WHERE changed_at > now() - make_interval(secs => $1)`,
      [seconds],
    );
    return rows.map(({ userId, hasFactor, changedAt }) => ({
      factorOf: userId,
      hasFactor,
      changedAt: changedAt.getTime(),
    }));
  }
}
