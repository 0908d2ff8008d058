import { versionMismatch } from '../kernel/domain-error.js';
import type { Change } from './change.js';

/** What the audit row and the event of an update have besides the record before and after. */
export type UpdateDetails = Partial<Omit<Change, 'objectType' | 'objectId' | 'before'>>;

/**
 * The update of a record with a version, for `ChangeLog.versionedUpdate`. `Row` is the locked row, `View` what the API shows after the
 * change, and `Result` what `change` tells `details`.
 */
export interface VersionedUpdate<Row, View, Before extends { version: number }, Result> {
  objectType: string;
  id: string;
  /** From If-Match; null if not given. */
  version: number | null;
  /** Locks the row, and checks that the caller may change it. @throws DomainError NOT_FOUND, FORBIDDEN */
  lock: () => Promise<{ row: Row; before: Before }>;
  /** Changes the row, increments its version and saves it. @returns null if there is nothing to change: then nothing is recorded */
  change: (row: Row, before: Before) => Promise<Result | null>;
  /** Reads the record after the change. */
  read: () => Promise<View>;
  details?: (before: Before, after: View, result: Result) => UpdateDetails;
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

/** The event of an update, with the names of the fields that changed: consumers skip updates that do not concern them. */
export function updateEvent(
  objectType: string,
  before: object & { id: string },
  after: object,
): UpdateDetails['event'] {
  const isSame = (name: string, value: unknown): boolean =>
    JSON.stringify(value) === JSON.stringify((before as Record<string, unknown>)[name]);
  const changed = Object.entries(after).flatMap(([name, value]) => (isSame(name, value) ? [] : [name]));
  return { name: `${objectType}.updated`, payload: { id: before.id, changed } };
}
