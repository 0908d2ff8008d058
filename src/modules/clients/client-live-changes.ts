import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { LiveSessions, type LiveChange } from '../../core/security/live-sessions.js';

/** Lets LiveSessions read the patient records of users whose record was merged, or whose merge was undone. */
@Injectable()
export class ClientLiveChanges implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly sessions: LiveSessions,
  ) {}

  onModuleInit(): void {
    this.sessions.registerReader((seconds) => this.findMerged(seconds));
  }

  /** SQL: joins tables of two features. */
  private findMerged(seconds: number): Promise<LiveChange[]> {
    return this.db.rows<{ user: string; version: number; client: string }>(
      `SELECT u.id AS "user", u.version, c.id AS client
       FROM client_merge m JOIN client c ON c.id IN (m.client_id, m.duplicate_id) JOIN user_account u ON u.id = c.user_id
       WHERE (m.merged_at > now() - make_interval(secs => $1) OR m.undone_at > now() - make_interval(secs => $1))
         AND c.merged_into_id IS NULL`,
      [seconds],
    );
  }
}
