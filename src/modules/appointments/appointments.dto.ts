import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  MaxLength,
  ValidateIf,
} from 'class-validator';
import { IsInstant, IsInstantOrDay, IsZoneName } from '../../core/http/instants.js';
import { PageQuery } from '../../core/http/page.js';
import { HttpsUrl, MayBeLeftOut, Trimmed } from '../../core/http/text.js';
import { CommaSeparated } from './comma-separated.js';
import { EXPANDABLE, ShortObjects, type Expandable } from './short-objects.dto.js';
import { STATUSES, type AppointmentStatus } from './appointment-status.js';

const isOverrideOrHasReason = (request: { overrideHours?: unknown; overrideReason?: unknown }): boolean =>
  request.overrideHours === true || request.overrideReason !== undefined;

export class BookAppointment {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  @IsUUID()
  serviceId: string;

  /** Default: the least busy of the free doctors of the service. @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a11 */
  @MayBeLeftOut()
  @IsUUID()
  doctorId?: string;

  /** A start that `GET /availability` lists. @example 2026-11-23T09:00:00Z */
  @IsInstant()
  startDateTime: string;

  /** The patient. A CLIENT books for themselves and may leave it out. */
  @MayBeLeftOut()
  @IsUUID()
  clientId?: string;

  /** Rooms or equipment that must be used; the others that the service needs are picked automatically. */
  @MayBeLeftOut()
  @IsArray()
  @ArrayMaxSize(10)
  @ArrayUnique()
  @IsUUID(undefined, { each: true })
  resourceIds?: string[];

  /** Notes that the patient, the doctor and the front desk can read. @example First visit */
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  notes?: string | null;

  /** Front desk only: notes for the doctor and the front desk, never shown to the patient. @example Needs a wheelchair */
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  staffNotes?: string | null;

  /** The patient's insurance for this visit, for the doctor and the front desk. @example Misr Insurance, 12345, pays 80 % */
  @IsOptional()
  @IsString()
  @MaxLength(500)
  insuranceNote?: string | null;

  /**
   * Front desk only: book outside hours, grid, notice or horizon, but never over another appointment. The start is rounded
   * down to a whole minute.
   */
  @MayBeLeftOut()
  @IsBoolean()
  overrideHours?: boolean;

  /** Why the hours are overridden: required then, and kept in the history. @example Severe pain since this morning */
  @ValidateIf(isOverrideOrHasReason)
  @Trimmed()
  @IsString()
  @Length(1, 500)
  overrideReason?: string;

  /** The hold of this time (`POST /holds`). Service, doctor, time and patient must be those of the hold. */
  @MayBeLeftOut()
  @IsUUID()
  holdId?: string;

  /** The patient's referral (`GET /referrals`), which is used once. A cancelled appointment gives it back. */
  @MayBeLeftOut()
  @IsUUID()
  referralId?: string;
}

export class ChangeAppointment {
  /** The new start. @example 2026-11-23T10:00:00Z */
  @MayBeLeftOut()
  @IsInstant()
  startDateTime?: string;

  @MayBeLeftOut()
  @IsUUID()
  doctorId?: string;

  @MayBeLeftOut()
  @IsArray()
  @ArrayMaxSize(10)
  @ArrayUnique()
  @IsUUID(undefined, { each: true })
  resourceIds?: string[];

  /** Notes that the patient can read, and may change until the visit starts. */
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  notes?: string | null;

  /** Doctor and front desk only: never shown to the patient. */
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  staffNotes?: string | null;

  /** The patient's insurance for this visit. The patient may change it until the visit starts. */
  @IsOptional()
  @IsString()
  @MaxLength(500)
  insuranceNote?: string | null;

  /** Doctor and front desk only: the link to join this video visit, instead of the doctor's. @example https://video.example/r/7 */
  @IsOptional()
  @HttpsUrl()
  videoUrl?: string | null;

  /**
   * Front desk only: move outside hours, grid, notice or horizon, but never over another appointment. The start is rounded
   * down to a whole minute.
   */
  @MayBeLeftOut()
  @IsBoolean()
  overrideHours?: boolean;

  /** Why the hours are overridden: required then, and kept in the history. @example Severe pain since this morning */
  @ValidateIf(isOverrideOrHasReason)
  @Trimmed()
  @IsString()
  @Length(1, 500)
  overrideReason?: string;
}

export class CancelQuery {
  /** @example Feeling better */
  @IsOptional()
  @IsString()
  @MaxLength(500)
  reason?: string;
}

export const APPOINTMENT_SORTS = [
  'startDateTime',
  '-startDateTime',
  'createdAt',
  '-createdAt',
  'updatedAt',
  '-updatedAt',
] as const;

export class AppointmentsQuery extends PageQuery {
  /** Starts at or after this instant, or on or after this local day. @example 2026-11-23 */
  @IsOptional()
  @IsInstantOrDay()
  from?: string;

  /** Starts before this instant, or on or before this local day. @example 2026-11-29 */
  @IsOptional()
  @IsInstantOrDay()
  to?: string;

  /** The zone in which `from` and `to` are days. Default: the clinic's if the list is of one clinic, otherwise UTC. */
  @IsOptional()
  @IsZoneName()
  timeZone?: string;

  /** One status, or several separated by commas. @example CONFIRMED */
  @IsOptional()
  @CommaSeparated()
  @IsArray()
  @ArrayMaxSize(STATUSES.length)
  @IsIn(STATUSES, { each: true })
  status?: AppointmentStatus[];

  @IsOptional()
  @IsUUID()
  doctorId?: string;

  @IsOptional()
  @IsUUID()
  clientId?: string;

  @IsOptional()
  @IsUUID()
  clinicId?: string;

  @IsOptional()
  @IsUUID()
  serviceId?: string;

  /** Only visits that use this room or equipment. */
  @IsOptional()
  @IsUUID()
  resourceId?: string;

  /** Whether the patient has checked in. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  checkedIn?: boolean;

  /** Changed at or after this instant. @example 2026-11-23T09:00:00Z */
  @IsOptional()
  @IsInstant()
  updatedSince?: string;

  /** Finds patients like `GET /clients`. @example hassan */
  @IsOptional()
  @Trimmed()
  @IsString()
  @MaxLength(200)
  q?: string;

  /** Short objects beside the ids, separated by commas. @example client */
  @IsOptional()
  @CommaSeparated()
  @IsArray()
  @ArrayMaxSize(EXPANDABLE.length)
  @IsIn(EXPANDABLE, { each: true })
  expand?: Expandable[];

  @IsOptional()
  @IsIn(APPOINTMENT_SORTS)
  sort: (typeof APPOINTMENT_SORTS)[number] = 'startDateTime';
}

export class PriceView {
  /** Minor units of the currency. @example 50000 */
  amount: number;
  /** ISO 4217. @example EGP */
  currency: string;
  /** The tax that the amount includes, in hundredths of a percent. @example 1400 */
  taxBasisPoints: number;
}

export class AppointmentView extends ShortObjects {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  clinicId: string;
  clientId: string;
  doctorId: string;
  serviceId: string;
  /** The reserved rooms and equipment. */
  resourceIds: string[];
  /** @example 2026-11-23T09:00:00.000Z */
  startDateTime: Date;
  /** @example 2026-11-23T09:30:00.000Z */
  endDateTime: Date;
  /** @example CONFIRMED */
  status: AppointmentStatus;
  /** Notes that the patient can read. */
  notes: string | null;
  insuranceNote: string | null;
  /** Notes of the doctor and the front desk. Absent for a CLIENT. */
  staffNotes?: string | null;
  /** The link to join a video visit. Only in the answer for one appointment, for its patient and doctor; for the desk if it set one. */
  videoUrl?: string | null;
  /** Fixed when it was booked. */
  price: PriceView;
  /** The series that it was booked with. */
  seriesId: string | null;
  /** The group session in which it is a seat. */
  groupId: string | null;
  /** Increases with each change; also the ETag. @example 1 */
  version: number;
  /** When the patient confirmed, with the link in a message, that they will come. */
  clientConfirmedAt: Date | null;
  checkedInAt: Date | null;
  startedAt: Date | null;
  completedAt: Date | null;
  cancelledAt: Date | null;
  cancelReason: string | null;
  createdAt: Date;
  updatedAt: Date;
}
