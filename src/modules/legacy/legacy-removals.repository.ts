import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { LegacyKind } from './legacy-record.entity.js';

/**
 * The statements that remove a row with what the migration wrote for it, with the parameter $1. Whatever else refers to the row makes
 * them fail. The tables belong to other features.
 */
const REMOVALS: Record<LegacyKind, readonly string[]> = {
  clinic: [
    'DELETE FROM schedule_revision WHERE clinic_id = $1',
    'DELETE FROM reminder_plan WHERE clinic_id = $1',
    'DELETE FROM clinic WHERE id = $1',
  ],
  service: ['DELETE FROM service_doctor WHERE service_id = $1', 'DELETE FROM service WHERE id = $1'],
  doctor: [
    'DELETE FROM service_doctor WHERE doctor_id = $1',
    // Times of visits that a later run cancelled.
    'DELETE FROM waitlist_time WHERE doctor_id = $1',
    'DELETE FROM weekly_rule WHERE resource_id IN (SELECT resource_id FROM doctor WHERE id = $1)',
    `WITH removed AS (DELETE FROM doctor WHERE id = $1 RETURNING resource_id)
     SELECT resource_id AS id FROM removed`,
  ],
  user: [
    'UPDATE doctor SET user_id = NULL WHERE user_id = $1',
    // Of the clinic of the migration: it was written in the transaction that created the patient.
    `DELETE FROM client_clinic k USING client c
     WHERE c.id = k.client_id AND c.user_id = $1 AND k.registered_at = c.created_at`,
    'DELETE FROM client WHERE user_id = $1',
    'DELETE FROM user_clinic WHERE user_id = $1',
    'DELETE FROM user_account WHERE id = $1',
  ],
  faq: ['DELETE FROM faq WHERE id = $1'],
  favorite: ['DELETE FROM favorite WHERE id = $1'],
  // The sweep deletes files without a row.
  scan: ['DELETE FROM scan WHERE id = $1'],
  visit: [
    'DELETE FROM reservation WHERE appointment_id = $1',
    'DELETE FROM planned_notification WHERE appointment_id = $1',
    'DELETE FROM appointment WHERE id = $1',
  ],
};

/** The tables of a kind whose rows others refer to, and how to find the ids of these rows. */
const REFERRED: Partial<Record<LegacyKind, readonly [table: string, ids: string][]>> = {
  clinic: [['clinic', 'SELECT $1::uuid']],
  service: [['service', 'SELECT $1::uuid']],
  doctor: [
    ['doctor', 'SELECT $1::uuid'],
    ['resource', 'SELECT resource_id FROM doctor WHERE id = $1'],
  ],
  user: [
    ['user_account', 'SELECT $1::uuid'],
    ['client', 'SELECT id FROM client WHERE user_id = $1'],
  ],
  scan: [['scan', 'SELECT $1::uuid']],
  visit: [['appointment', 'SELECT $1::uuid']],
};

/** The tables whose rows `REMOVALS` removes itself: a reference from one of them does not count as a use. */
const OWN: Partial<Record<LegacyKind, readonly string[]>> = {
  clinic: ['schedule_revision', 'reminder_plan'],
  service: ['service_doctor'],
  doctor: ['service_doctor', 'waitlist_time', 'weekly_rule'],
  user: ['client', 'user_clinic', 'doctor'],
  visit: ['reservation', 'planned_notification'],
};

/** Removes rows that the migration created. Hand-written SQL: it knows the tables of several features. */
@Injectable()
export class LegacyRemovalsRepository {
  constructor(private readonly db: Database) {}

  /** @throws DomainError IN_USE if another row refers to it */
  async remove(kind: LegacyKind, id: string): Promise<void> {
    for (const statement of REMOVALS[kind]) {
      const rows = await this.db.rows<{ id: string }>(statement, [id]);
      if (kind === 'doctor' && rows[0]) await this.db.rows('DELETE FROM resource WHERE id = $1', [rows[0].id]);
    }
  }

  /** The tables with rows that refer to the row, and that the migration has not written. */
  async findUses(kind: LegacyKind, id: string): Promise<string[]> {
    const tables = new Set<string>();
    for (const [referred, ids] of REFERRED[kind] ?? []) {
      for (const { table, column } of await this.findReferences(referred)) {
        if (OWN[kind]?.includes(table)) continue;
        // The names come from the database's catalogue, quoted.
        const row = await this.db.row(`SELECT 1 AS one FROM ${table} WHERE ${column} IN (${ids}) LIMIT 1`, [id]);
        if (row) tables.add(table);
      }
    }
    return [...tables].sort();
  }

  /** The foreign keys to a table, without those of partitions: the partitioned table has them, too. */
  private findReferences(table: string): Promise<{ table: string; column: string }[]> {
    return this.db.rows(
      `SELECT c.conrelid::regclass::text AS table, quote_ident(a.attname) AS column
       FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
       WHERE c.contype = 'f' AND c.confrelid = $1::regclass AND c.conparentid = 0`,
      [table],
    );
  }
}
