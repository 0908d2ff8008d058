import type { Fields } from './fields.js';
import { ITEM_KINDS, type ItemKind } from './legacy-data.js';
import type { LegacyKind } from './legacy-record.entity.js';
import type { RowPlace, RowWarning } from './migration-run.js';
import type { UnknownList } from './sources/source.js';

const OUTCOMES = [
  'CREATED',
  'UPDATED',
  'UNCHANGED',
  /** Nothing was written: the reason is in the report. */
  'REJECTED',
  /** A visit whose time another visit has. */
  'COLLIDES',
  /** The record changed in the other system, but also here, so it was left as it is. */
  'CHANGED_HERE',
  /** It was deleted or erased here, and is not migrated again. */
  'DELETED_HERE',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What became of a row. */
export interface RowResult extends RowPlace {
  outcome: Outcome;
  reason?: string;
  /** The visit that a collision is with. */
  other?: { appointmentId: string | null; startDateTime: string };
  warnings: RowWarning[];
  fields: Fields | null;
}

/** A row that was not, or not completely, migrated. `fields` are the names of its fields: no value is in the report. */
interface ReportedRow extends RowPlace {
  outcome: Outcome;
  reason: string;
  other?: RowResult['other'];
  fields: string[];
}

type Counts = Partial<Record<Outcome, number>>;

export interface ReportFile {
  source: string;
  clinicId: string;
  isDryRun: boolean;
  startedAt: string;
  endedAt: string;
  counts: Partial<Record<ItemKind, Counts>>;
  rows: ReportedRow[];
  warnings: RowWarning[];
  /** Records of earlier runs that the other system no longer has. They stay here. */
  missing: { kind: LegacyKind; key: string }[];
  /** How many migrated rows had a value in a field that is not migrated. */
  fieldsNotMigrated: Partial<Record<ItemKind, Record<string, number>>>;
  /** Files, tables and collections that are not migrated. */
  listsNotMigrated: UnknownList[];
}

const isMigrated = (outcome: Outcome): boolean => ['CREATED', 'UPDATED', 'UNCHANGED'].includes(outcome);

/** Collects what became of the rows. It contains no values: names and health data stay in the other system's files. */
export class MigrationReport {
  private readonly counts: ReportFile['counts'] = {};
  private readonly rows: ReportedRow[] = [];
  private readonly warnings: RowWarning[] = [];
  private readonly missing: ReportFile['missing'] = [];
  private readonly fields: ReportFile['fieldsNotMigrated'] = {};

  add({ warnings, fields, ...row }: RowResult): void {
    const counts = (this.counts[row.kind] ??= {});
    counts[row.outcome] = (counts[row.outcome] ?? 0) + 1;
    this.warnings.push(...warnings);
    if (isMigrated(row.outcome)) return this.countFields(row.kind, fields);
    this.rows.push({ ...row, reason: row.reason ?? '', fields: fields?.filled() ?? [] });
  }

  addMissing(kind: LegacyKind, key: string): void {
    this.missing.push({ kind, key });
  }

  /** The numbers of rows by kind and outcome. */
  getCounts(): ReportFile['counts'] {
    return this.counts;
  }

  toFile(
    run: Pick<ReportFile, 'source' | 'clinicId' | 'isDryRun' | 'startedAt' | 'endedAt' | 'listsNotMigrated'>,
  ): ReportFile {
    const { counts, rows, warnings, missing, fields: fieldsNotMigrated } = this;
    return { ...run, counts, rows, warnings, missing, fieldsNotMigrated };
  }

  private countFields(kind: ItemKind, fields: Fields | null): void {
    const counts = (this.fields[kind] ??= {});
    for (const name of fields?.unread() ?? []) counts[name] = (counts[name] ?? 0) + 1;
  }
}

const describePlace = ({ kind, file, line, key }: RowPlace): string =>
  [kind, key === null ? null : `"${key}"`, `in ${file}`, line === null ? null : `line ${line}`]
    .filter(Boolean)
    .join(' ');

/** The report as text. */
export function toMigrationText(report: ReportFile): string {
  const lines = [
    `Migration from ${report.source} into clinic ${report.clinicId}${report.isDryRun ? ' (dry run: nothing was written)' : ''}`,
    '',
    ...ITEM_KINDS.flatMap((kind) => {
      const counts = report.counts[kind];
      return counts ? [`${kind}: ${OUTCOMES.flatMap((name) => describe(name, counts[name])).join(', ')}`] : [];
    }),
    ...section(
      'Not migrated',
      report.rows.map((row) => `${describePlace(row)}: ${row.outcome}: ${row.reason}${describeOther(row)}`),
    ),
    ...section(
      'Values left out',
      report.warnings.map((row) => `${describePlace(row)}: ${row.field} ${row.reason}`),
    ),
    ...section(
      'No longer in the other system',
      report.missing.map(({ kind, key }) => `${kind} "${key}"`),
    ),
    ...section(
      'Fields without a place in CareSlot',
      Object.entries(report.fieldsNotMigrated).flatMap(([kind, counts]) =>
        Object.entries(counts).map(([name, count]) => `${kind}.${name}: in ${count} rows`),
      ),
    ),
    ...section(
      'Lists that are not migrated',
      report.listsNotMigrated.map(({ file, name, rows }) => `${name} in ${file}: ${rows} rows`),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

const describe = (outcome: Outcome, count: number | undefined): string[] =>
  count ? [`${count} ${outcome.toLowerCase().replace('_', ' ')}`] : [];

const describeOther = ({ other }: ReportedRow): string =>
  other ? ` (visit ${other.appointmentId ?? 'unknown'} at ${other.startDateTime})` : '';

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length > 0 ? ['', `${title}:`, ...lines] : [];
