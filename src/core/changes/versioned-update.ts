import { versionMismatch } from '../kernel/domain-error.js';

/** The content of the audit row of an update, in addition to the record before and after. */
export interface UpdateDetails {
  clinicId?: string | null;
  /** Fields that may be shown in a history. Never health data or free text. */
  changes?: Record<string, unknown>;
}

/** The update of a record with a version, for `ChangeLog.versionedUpdate`. `Row` is the locked row, `View` what the API shows. */
export interface VersionedUpdate<Row, View extends { version: number }> {
  objectType: string;
  id: string;
  /** From If-Match; null if not given. */
  version: number | null;
  /** Locks the row, and checks that the caller may change it. @throws DomainError NOT_FOUND, FORBIDDEN */
  lock: () => Promise<{ row: Row; before: View }>;
  /** Changes the row, increments its version and saves it. */
  change: (row: Row, before: View) => Promise<void>;
  /** Reads the record after the change. */
  read: () => Promise<View>;
  details?: (before: View, after: View) => UpdateDetails;
}

/** @param version from If-Match; null if not given @throws DomainError VERSION_MISMATCH */
export function assertVersion(version: number | null, current: { version: number }): void {
  if (version !== null && version !== current.version) throw versionMismatch();
}

/** Sets the fields of a row that are not undefined. Undefined fields were not in the request. */
export function assignDefined(row: object, fields: object): void {
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined) Object.assign(row, { [name]: value as unknown });
}
