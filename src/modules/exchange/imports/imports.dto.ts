import { ApiProperty } from '@nestjs/swagger';
import { plainToInstance, Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsISO4217CurrencyCode, IsObject, IsOptional, IsUUID, ValidateNested } from 'class-validator';
import { PageQuery } from '../../../core/http/page.js';
import { MayBeLeftOut } from '../../../core/http/text.js';
import type { TableFormat } from '../../../core/spreadsheets/reading/table.js';
import { IMPORT_STATUSES, type ImportStatus } from './import.entity.js';
import { IMPORT_KINDS, type ImportKind } from './import-kinds.js';
import { DATE_FORMATS, type DateFormat } from './mapping/column-mapping.js';

export class ImportMapping {
  /** Field by header; null: the column is not read. Headers that are left out stay as they are. @example { "Mobile": "phone" } */
  @MayBeLeftOut()
  @IsObject()
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string', nullable: true } })
  columns?: Record<string, string | null>;

  /** The order of day and month in dates like 03/04/1988. Null: decided by each column and the clinic's country. @example DMY */
  @IsOptional()
  @IsIn(DATE_FORMATS)
  dateFormat?: DateFormat | null;

  /** Of prices without a currency. Null: the one of the clinic's services. @example EGP */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toUpperCase() : value))
  @IsISO4217CurrencyCode()
  currency?: string | null;
}

/** The fields of the form beside the file. */
export class UploadImport {
  @IsIn(IMPORT_KINDS)
  kind: ImportKind;

  @IsUUID()
  clinicId: string;

  @MayBeLeftOut()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  dryRun: boolean = true;

  /** JSON. */
  @MayBeLeftOut()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? parseMapping(value) : value))
  @IsObject()
  @ValidateNested()
  mapping?: ImportMapping;
}

/** An invalid text stays a text, which is refused. */
function parseMapping(text: string): unknown {
  try {
    return plainToInstance(ImportMapping, JSON.parse(text) as unknown);
  } catch {
    return text;
  }
}

export class ImportColumnView {
  /** @example Mobile */
  header: string;
  /** Null: the column is not read. @example phone */
  field: string | null;
}

export class ImportView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  clinicId: string;
  /** @example clients */
  kind: ImportKind;
  /** @example xlsx */
  format: TableFormat;
  /** @example CHECKED */
  status: ImportStatus;
  /** Whether the counts are those of a dry run, which changed nothing. */
  isDryRun: boolean;
  /** The columns of the file. */
  columns: ImportColumnView[];
  /** Fields that several columns could be. */
  ambiguous: string[];
  /** Fields that need a column before the import can go on. @example ["firstName or fullName"] */
  missing: string[];
  /** @example DMY */
  dateFormat: DateFormat | null;
  /** @example EGP */
  currency: string | null;
  /** Rows below the header; null before they are counted. @example 1200 */
  total: number | null;
  done: number;
  created: number;
  /** Rows whose record exists already. It stays as it is. */
  unchanged: number;
  failed: number;
  /** Why the whole import failed. */
  failure: string | null;
  createdAt: Date;
  finishedAt: Date | null;
  /** When the file and the failed rows are deleted. */
  expiresAt: Date;
  /** @example 1 */
  version: number;
}

export class CollidingVisitView {
  /** Null for a held time, or if no room or equipment is free. */
  appointmentId: string | null;
  startDateTime: Date;
}

export class ImportErrorView {
  /** The row in the file; the first is 1. @example 7 */
  row: number;
  /** The header of the column; null if the error is not of one column. @example Mobile */
  column: string | null;
  /** @example VALIDATION_ERROR */
  code: string;
  /** @example must be a telephone number, such as +20 100 123 4567 */
  message: string;
  /** The visit that an upcoming one collides with. */
  with?: CollidingVisitView;
}

export class ImportDetailsView extends ImportView {
  /** The first 100. */
  errors: ImportErrorView[];
}

const IMPORT_SORTS = ['-createdAt', 'createdAt'] as const;

export class ImportsQuery extends PageQuery {
  @IsOptional()
  @IsUUID()
  clinicId?: string;

  @IsOptional()
  @IsIn(IMPORT_KINDS)
  kind?: ImportKind;

  @IsOptional()
  @IsIn(IMPORT_STATUSES)
  status?: ImportStatus;

  @IsOptional()
  @IsIn(IMPORT_SORTS)
  sort: (typeof IMPORT_SORTS)[number] = '-createdAt';
}
