import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { LiveSessions, type LiveChange } from '../../core/security/live-sessions.js';
import { MfaRequirements, type ClinicMfaPolicy } from '../../core/security/mfa-requirements.js';

/** Lets LiveSessions read which clinics require a second factor. */
@Injectable()
export class ClinicLiveChanges implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly sessions: LiveSessions,
    private readonly mfa: MfaRequirements,
  ) {}

  onModuleInit(): void {
    this.sessions.registerReader(() => this.findMfaPolicies());
  }

  /**
   * The policies that require a second factor, and those of known clinics, which may no longer require one. The version of a deleted
   * clinic is one higher, as in the announcement of its deletion.
   */
  private async findMfaPolicies(): Promise<LiveChange[]> {
    const policies = await this.db.rows<ClinicMfaPolicy>(
      `SELECT id AS "clinicId", version + (deleted_at IS NOT NULL)::int AS version,
              CASE WHEN deleted_at IS NULL THEN mfa_required_roles ELSE '{}' END AS roles
       FROM clinic WHERE mfa_required_roles <> '{}' OR id = ANY ($1::uuid[])`,
      [this.mfa.getKnownClinics()],
    );
    return policies.map((mfaPolicy) => ({ mfaPolicy }));
  }
}
