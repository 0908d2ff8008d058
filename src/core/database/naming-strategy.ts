import { DefaultNamingStrategy, type Table } from 'typeorm';

/**
 * Uses PostgreSQL's default names, so that entities agree with migrations that do not name constraints: `clinic_id`, `doctor_pkey`,
 * `doctor_user_id_key`, `doctor_clinic_id_fkey`. Checks and indexes are named where they are declared.
 */
export class PostgresNamingStrategy extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName || propertyName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }

  override primaryKeyName(table: Table | string): string {
    return `${this.getTableName(table)}_pkey`;
  }

  override uniqueConstraintName(table: Table | string, columns: string[]): string {
    return [this.getTableName(table), ...columns, 'key'].join('_');
  }

  override foreignKeyName(table: Table | string, columns: string[]): string {
    return [this.getTableName(table), ...columns, 'fkey'].join('_');
  }
}
