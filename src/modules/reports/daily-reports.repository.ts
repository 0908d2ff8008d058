import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { DailyReport } from './daily-report.entity.js';
import type { DayFigures } from './day-figures.js';

/** A clinic with the days that have a report. */
export interface ClinicWithReports {
  id: string;
  timeZone: string;
  createdAt: Date;
  /** Its managers get the report by mail. */
  isMailed: boolean;
  /** Its days with a report, of those that may be due. */
  reported: string[];
}

/** The clinic of a report. */
export interface NamedClinic {
  id: string;
  name: string;
  timeZone: string;
}

@Injectable()
export class DailyReportsRepository {
  constructor(private readonly db: Database) {}

  /** Hand-written SQL: clinics with the days of another table. @param since the first day that may be due */
  findClinics(since: string): Promise<ClinicWithReports[]> {
    return this.db.rows<ClinicWithReports>(
      `SELECT k.id, k.time_zone AS "timeZone", k.created_at AS "createdAt", k.daily_report AS "isMailed",
              ARRAY(SELECT r.day::text FROM daily_report r WHERE r.clinic_id = k.id AND r.day >= $1::date) AS reported
       FROM clinic k WHERE k.deleted_at IS NULL ORDER BY k.id`,
      [since],
    );
  }

  /** @returns false if the day has a report already. Waits for a transaction that is inserting it. */
  async insertOnce(report: DailyReport): Promise<boolean> {
    const insert = this.reports.createQueryBuilder().insert().values(report).orIgnore().returning('id');
    const result = await insert.updateEntity(false).execute();
    return (result.raw as unknown[]).length === 1;
  }

  findByDay(clinicId: string, day: string): Promise<DailyReport | null> {
    return this.reports.findOneBy({ clinicId, day });
  }

  find(id: string): Promise<DailyReport | null> {
    return this.reports.findOneBy({ id });
  }

  async findFigures(clinicId: string, day: string): Promise<DayFigures | null> {
    const report = await this.reports.findOne({ select: { id: true, figures: true }, where: { clinicId, day } });
    return report?.figures ?? null;
  }

  /** @returns null if the clinic does not exist or was deleted */
  findClinic(id: string): Promise<NamedClinic | null> {
    return this.db.row<NamedClinic>(
      `SELECT id, name, time_zone AS "timeZone" FROM clinic WHERE id = $1::uuid AND deleted_at IS NULL`,
      [id],
    );
  }

  /** The names of doctors, also of former ones, by id. */
  async findDoctorNames(ids: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.db.rows<{ id: string; name: string }>(
      `SELECT id, concat_ws(' ', title, first_name, last_name) AS name FROM doctor WHERE id = ANY ($1::uuid[])`,
      [ids],
    );
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  async findLocale(userId: string): Promise<string | null> {
    const row = await this.db.row<{ locale: string }>('SELECT locale FROM user_account WHERE id = $1::uuid', [userId]);
    return row?.locale ?? null;
  }

  private get reports() {
    return this.db.repository(DailyReport);
  }
}
