import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { LiveSessions, type LiveChange } from '../../core/security/live-sessions.js';

/** Lets LiveSessions read the clinics of the people whose role or clinics have changed. */
@Injectable()
export class UserLiveChanges implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly sessions: LiveSessions,
  ) {}

  onModuleInit(): void {
    this.sessions.registerReader((seconds) => this.findChangedClinics(seconds));
  }

  /** SQL: one state of both tables. */
  private findChangedClinics(seconds: number): Promise<LiveChange[]> {
    return this.db.rows<{ user: string; version: number; clinics: string[] }>(
      `SELECT u.id AS "user", u.version, coalesce(array_agg(c.clinic_id) FILTER (WHERE c.clinic_id IS NOT NULL), '{}') AS clinics
       FROM user_account u LEFT JOIN user_clinic c ON c.user_id = u.id
       WHERE u.authorization_changed_at > now() - make_interval(secs => $1) AND u.role <> 'CLIENT' GROUP BY u.id`,
      [seconds],
    );
  }
}
