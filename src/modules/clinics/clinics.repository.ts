import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { Database } from '../../core/database/database.js';
import { byCreation, keyset, toPage, type Page } from '../../core/http/page.js';
import { Clinic } from './clinic.entity.js';
import type { ClinicsQuery, ClinicView } from './clinics.dto.js';
import { lockSchedule } from './schedule-lock.js';

const CLINIC_COLUMNS = `
  c.id, c.name, c.time_zone AS "timeZone", c.phone, c.address, c.emergency_number AS "emergencyNumber",
  c.country, c.locale,
  json_build_object('slotStepMinutes', c.slot_step_minutes, 'minimumNoticeMinutes', c.minimum_notice_minutes,
    'horizonDays', c.horizon_days, 'cancellationCutoffMinutes', c.cancellation_cutoff_minutes,
    'holdMinutes', c.hold_minutes, 'reminderOffsetsMinutes', c.reminder_offsets_minutes,
    'requiresConfirmation', c.requires_confirmation, 'maxUpcomingPerClient', c.max_upcoming_per_client,
    'maxPerDayPerClient', c.max_per_day_per_client, 'noShowLimit', c.no_show_limit, 'requiresDeposit', c.requires_deposit,
    'depositPercent', c.deposit_percent, 'taxBasisPoints', c.tax_basis_points,
    'refundPercentBeforeCutoff', c.refund_percent_before_cutoff, 'refundPercentAfterCutoff', c.refund_percent_after_cutoff,
    'deskMinimumNoticeMinutes', c.desk_minimum_notice_minutes, 'deskHorizonDays', c.desk_horizon_days,
    'waitlistOffersToAll', c.waitlist_offers_to_all, 'waitlistOfferMinutes', c.waitlist_offer_minutes,
    'dailyReport', c.daily_report, 'mfaRequiredRoles', c.mfa_required_roles) AS policy,
  c.version, c.created_at AS "createdAt", c.updated_at AS "updatedAt"`;

const SORTS = { createdAt: byCreation('c.id'), name: { column: 'c.name', type: 'text' } } as const;

/** Reads of views are hand-written SQL: the policy is JSON of several columns, and lists continue after a cursor. */
@Injectable()
export class ClinicsRepository {
  constructor(private readonly db: Database) {}

  find(id: string): Promise<ClinicView | null> {
    return this.db.row<ClinicView>(`SELECT ${CLINIC_COLUMNS} FROM clinic c WHERE c.id = $1 AND c.deleted_at IS NULL`, [
      id,
    ]);
  }

  /**
   * The row lock does not wait for transactions that insert rows which refer to the clinic: while it waited, it would hold the
   * schedule lock, and bookings would wait too.
   */
  async lock(id: string): Promise<Clinic | null> {
    await lockSchedule(this.db, 'clinic', id);
    return this.clinics.findOne({ where: { id }, lock: { mode: 'for_no_key_update' } });
  }

  async insert(clinic: Partial<Clinic> & { id: string }): Promise<void> {
    await this.clinics.insert(clinic);
  }

  async save(clinic: Clinic): Promise<void> {
    const { id, ...columns } = clinic;
    await this.clinics.update({ id }, columns);
  }

  async list(query: ClinicsQuery): Promise<Page<ClinicView>> {
    const page = keyset({ sort: query.sort, columns: SORTS, idColumn: 'c.id', cursor: query.cursor });
    const rows = await this.db.rows<ClinicView>(
      `SELECT ${CLINIC_COLUMNS} FROM clinic c
       WHERE c.deleted_at IS NULL ${page.where(2)} ${page.orderBy} LIMIT $1`,
      [query.limit + 1, ...page.values],
    );
    const total = query.withTotal ? await this.clinics.countBy({ deletedAt: IsNull() }) : undefined;
    return toPage(rows, query.limit, page, total);
  }

  /** Locks the clinic against deletion until the transaction ends. @returns whether it exists */
  async lockAgainstDeletion(id: string): Promise<boolean> {
    await lockSchedule(this.db, 'clinic', id);
    const where = { id, deletedAt: IsNull() };
    const clinic = await this.clinics.findOne({ select: { id: true }, where, lock: { mode: 'for_key_share' } });
    return clinic !== null;
  }

  /** Hand-written SQL: one statement for tables of several features. */
  async isInUse(id: string): Promise<boolean> {
    const row = await this.db.row<{ used: boolean }>(
      `SELECT EXISTS (SELECT FROM doctor WHERE clinic_id = $1 AND deleted_at IS NULL)
           OR EXISTS (SELECT FROM service WHERE clinic_id = $1 AND deleted_at IS NULL)
           OR EXISTS (SELECT FROM resource WHERE clinic_id = $1 AND deleted_at IS NULL)
           OR EXISTS (SELECT FROM appointment WHERE clinic_id = $1)
           OR EXISTS (SELECT FROM client_clinic k JOIN client c ON c.id = k.client_id JOIN user_account u ON u.id = c.user_id
                      WHERE k.clinic_id = $1 AND k.registered_at IS NOT NULL AND c.merged_into_id IS NULL AND u.deleted_at IS NULL)
             AS used`,
      [id],
    );
    return row?.used ?? false;
  }

  private get clinics() {
    return this.db.repository(Clinic);
  }
}
