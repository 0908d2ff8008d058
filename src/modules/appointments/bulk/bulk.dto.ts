import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsString,
  IsUUID,
  Length,
  ValidateNested,
} from 'class-validator';
import { IsLocalDay } from '../../../core/http/instants.js';
import { MayBeLeftOut, Trimmed } from '../../../core/http/text.js';

/** The appointments that one request can change. */
export const MAX_BULK = 200;

export const BULK_ACTIONS = ['CANCEL', 'MOVE'] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];

export class BulkTarget {
  /** Another doctor of the same clinic; the local time stays. */
  @MayBeLeftOut()
  @IsUUID()
  doctorId?: string;

  /** Another local day of the clinic; the local time stays. @example 2026-11-24 */
  @MayBeLeftOut()
  @IsLocalDay()
  date?: string;
}

export class BulkChangeRequest {
  /** @example MOVE */
  @IsIn(BULK_ACTIONS)
  action: BulkAction;

  /** Give these, or `doctorId` and `date`, or `groupId`. */
  @MayBeLeftOut()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_BULK)
  @IsUUID(undefined, { each: true })
  appointmentIds?: string[];

  /** With `date`: the doctor's visits of that day that still have to take place. */
  @MayBeLeftOut()
  @IsUUID()
  doctorId?: string;

  /** Local day of the clinic. @example 2026-11-23 */
  @MayBeLeftOut()
  @IsLocalDay()
  date?: string;

  /** All seats of a group session: every seat is changed, or none. */
  @MayBeLeftOut()
  @IsUUID()
  groupId?: string;

  /** Where to MOVE. Without it, each visit moves to the next free time of its doctor. */
  @MayBeLeftOut()
  @IsObject()
  @ValidateNested()
  @Type(() => BulkTarget)
  to?: BulkTarget;

  /** Patients can read the reason of a cancellation; that of a move is only for the doctor and the front desk. @example The doctor is ill */
  @Trimmed()
  @IsString()
  @Length(1, 500)
  reason: string;

  /** Changes nothing, and answers what would happen now. */
  @MayBeLeftOut()
  @IsBoolean()
  dryRun?: boolean;
}

export const BULK_OUTCOMES = ['CANCELLED', 'MOVED', 'SKIPPED', 'FAILED'] as const;
export type BulkOutcome = (typeof BULK_OUTCOMES)[number];

/** What happened to an appointment. */
export class BulkResultView {
  appointmentId: string;
  /** SKIPPED: there was nothing to do. FAILED: it stays as it was. @example MOVED */
  outcome: BulkOutcome;
  /** Of FAILED: the error code of the same change of a single appointment. @example SLOT_NOT_OFFERED */
  code: string | null;
  /**
   * Of SKIPPED and FAILED: the status, `UNCHANGED`, `MOVED_MEANWHILE` if somebody moved it after the request had begun,
   * `NO_FREE_TIME`, what conflicts, `OTHER_SEAT` of the same session, or `details.reason` of the error. @example NO_FREE_TIME
   */
  reason: string | null;
  /** The time and doctor after the change; null if the appointment was not found. @example 2026-11-24T09:00:00.000Z */
  startDateTime: Date | null;
  endDateTime: Date | null;
  doctorId: string | null;
}
