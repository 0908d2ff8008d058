import { Injectable } from '@nestjs/common';
import { In, Not } from 'typeorm';
import { Database } from '../../core/database/database.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { UserClinic } from './user-clinic.entity.js';

/** The location of a clinic. It gives default values for its people. */
export interface Place {
  /** ISO 3166-1 alpha-2 */
  country: string | null;
  timeZone: string;
  locale: string;
}

/** Which invitations of a person are revoked. */
export interface RevokedInvitations {
  /** The ids of the clinics that the person can no longer join. */
  toJoinClinics: readonly string[];
  /** Also those by which the person chooses a password. */
  toChoosePassword: boolean;
}

/** The clinics of accounts, and what accounts need to know of clinics. */
@Injectable()
export class UserClinicsRepository {
  constructor(private readonly db: Database) {}

  async setClinics(id: string, clinicIds: string[]): Promise<void> {
    const links = this.db.repository(UserClinic);
    await links.delete({ userId: id, clinicId: Not(In(clinicIds)) });
    if (clinicIds.length === 0) return;
    const rows = clinicIds.map((clinicId) => ({ userId: id, clinicId }));
    await links.createQueryBuilder().insert().values(rows).orIgnore().updateEntity(false).execute();
  }

  /** Hand-written SQL: one statement inserts the row and changes the account if the row is new. */
  async addClinic(id: string, clinicId: string): Promise<void> {
    await this.db.rows(
      `WITH added AS (
         INSERT INTO user_clinic (user_id, clinic_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING user_id)
       UPDATE user_account SET authorization_changed_at = now(), updated_at = now(), version = version + 1
       WHERE id IN (SELECT user_id FROM added)`,
      [id, clinicId],
    );
  }

  /** The user's clinics, and the version of the account at which they are read. SQL: one state of both tables. */
  async getClinics(id: string): Promise<{ clinicIds: string[]; version: number }> {
    const row = await this.db.row<{ clinicIds: string[]; version: number }>(
      `SELECT ARRAY(SELECT clinic_id FROM user_clinic WHERE user_id = u.id) AS "clinicIds", u.version
       FROM user_account u WHERE u.id = $1`,
      [id],
    );
    if (!row) throw notFound();
    return row;
  }

  /** Registers the patient of an account at these clinics. The table belongs to another feature. */
  async registerAt(userId: string, clinicIds: readonly string[]): Promise<void> {
    await this.db.rows(
      `INSERT INTO client_clinic (client_id, clinic_id, registered_at)
       SELECT c.id, clinic_id, now() FROM client c, unnest($2::uuid[]) AS clinic_id WHERE c.user_id = $1
       ON CONFLICT (client_id, clinic_id) DO UPDATE SET registered_at = coalesce(client_clinic.registered_at, now())`,
      [userId, clinicIds],
    );
  }

  /** Revokes invitations of a person that were neither used nor revoked. The tables belong to other features. */
  async revokeInvitations(
    userId: string,
    { toJoinClinics, toChoosePassword }: RevokedInvitations,
    now: Date,
  ): Promise<void> {
    await this.db.rows(
      `UPDATE account_link l SET revoked_at = $4 FROM invitation i
       WHERE i.id = l.id AND l.user_id = $1 AND l.used_at IS NULL AND l.revoked_at IS NULL
         AND CASE WHEN i.joins_clinic THEN i.clinic_id = ANY ($2::uuid[]) ELSE $3::boolean END`,
      [userId, toJoinClinics, toChoosePassword, now],
    );
  }

  async countClinics(ids: readonly string[]): Promise<number> {
    const row = await this.db.row<{ count: number }>(
      `SELECT count(*)::int AS count FROM clinic WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL`,
      [ids],
    );
    return row?.count ?? 0;
  }

  /** Countries, time zones and languages of clinics, in the order of the ids. */
  getClinicPlaces(ids: readonly string[]): Promise<Place[]> {
    return this.db.rows<Place>(
      `SELECT country, time_zone AS "timeZone", locale FROM clinic
       WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL ORDER BY array_position($1::uuid[], id)`,
      [ids],
    );
  }

  /** The countries of all clinics, that of the oldest clinic first. */
  async getClinicCountries(): Promise<string[]> {
    const rows = await this.db.rows<{ country: string }>(
      `SELECT country FROM clinic WHERE country IS NOT NULL AND deleted_at IS NULL GROUP BY country ORDER BY min(id::text)`,
    );
    return rows.map(({ country }) => country);
  }
}
