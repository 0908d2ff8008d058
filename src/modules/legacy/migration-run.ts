import type { Actor } from '../../core/kernel/actor.js';
import type { ItemKind } from './legacy-data.js';
import type { FieldWarning, LegacyKind } from './legacy-record.entity.js';
import type { SourceName } from './sources/source.js';

/** A clinic that the migration creates. */
export interface NewClinic {
  name: string;
}

/** What the operator chose (docs/migration.md). */
export interface MigrationOptions {
  from: string;
  /** Null: recognised by the files. */
  source: SourceName | null;
  /** The name under which the records are remembered; another one for a second installation of the same system. */
  sourceName: string | null;
  clinic: { id: string } | NewClinic;
  /** The address of the administrator who runs the migration. */
  as: string;
  /** The zone of local times, and of people without one; null: that of the clinic. */
  zone: string | null;
  /** The country of telephone numbers without a country code; null: that of the clinic. */
  country: string | null;
  /** ISO 4217, for prices without a currency. */
  currency: string;
  /** The language of people without one; null: that of the clinic. */
  locale: string | null;
  /** The folder of the uploaded files; null: the folder of the data. */
  files: string | null;
  /** Whether users with the role of a doctor get the account of the doctor with the same address. */
  linksDoctors: boolean;
  isDryRun: boolean;
}

/** The row that is being migrated. */
export interface RowPlace {
  kind: ItemKind;
  file: string;
  line: number | null;
  key: string | null;
}

export type RowWarning = RowPlace & FieldWarning;

/** A run of the migration, as the importers see it. */
export interface MigrationRun {
  readonly sourceName: string;
  readonly actor: Actor;
  readonly clinicId: string;
  readonly zone: string;
  readonly country: string | null;
  readonly currency: string;
  readonly locale: string;
  readonly filesFolder: string;
  readonly linksDoctors: boolean;
  readonly isDryRun: boolean;
  /** The instant of the run, in epoch milliseconds. */
  readonly now: number;
  /** The keys of the doctors by their addresses in canonical form. */
  readonly doctorKeys: Map<string, string>;
  /** The keys of the rows of this run. */
  readonly seenKeys: Readonly<Record<ItemKind, Set<string>>>;
  /** Reports a value that was not migrated, although its record was. */
  warn(field: string, reason: string): void;
  /** The target of a record. @throws DomainError VALIDATION_ERROR if it was not migrated */
  resolve(kind: LegacyKind, key: string, field: string): Promise<string>;
}
