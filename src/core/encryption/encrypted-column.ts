/** A column with encrypted values. Each value is bound to its column and row, so that it cannot be copied elsewhere. */
export interface EncryptedColumn {
  readonly table: string;
  readonly column: string;
  /** The columns of the primary key, with their types in PostgreSQL. */
  readonly key: Readonly<Record<string, 'uuid' | 'text'>>;
  /** From which the encryption key is derived. */
  readonly purpose: string;
  /**
   * The associated data (AAD), which is authenticated but not stored: it names the column and the row.
   * @param key the values of the primary key, in the order of `key`
   */
  readonly toAssociatedData: (...key: string[]) => string;
}

const FIELD_PURPOSE = 'fields';

/** A column that `FieldEncryption` encrypts. */
export const encryptedField = (table: string, column: string, key: EncryptedColumn['key']): EncryptedColumn => ({
  table,
  column,
  key,
  purpose: FIELD_PURPOSE,
  toAssociatedData: (...values) => `${table}.${column}|${values.join('|')}`,
});
