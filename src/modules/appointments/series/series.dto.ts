import { OmitType } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { MayBeLeftOut } from '../../../core/http/text.js';
import { SlotView } from '../../scheduling/index.js';
import { CANCELLATION_PARTIES, type CancellationParty } from '../appointment-change-hooks.js';
import type { ReservedKind } from '../reservation.entity.js';
import { AppointmentView, BookAppointment, CancelQuery } from '../appointments.dto.js';

export class BookSeries extends OmitType(BookAppointment, ['holdId', 'referralId'] as const) {
  /**
   * A recurrence rule of RFC 5545 with COUNT or UNTIL: at most 100 appointments, daily to yearly, all at the local time of the first,
   * which is `startDateTime`. @example FREQ=WEEKLY;COUNT=10
   */
  @IsString()
  @MaxLength(500)
  rrule: string;

  /** Book the times that are free, and list the others in `skipped`. Default: all times, or none. */
  @MayBeLeftOut()
  @IsBoolean()
  skipConflicts?: boolean;
}

export const SCOPES = ['THIS', 'FOLLOWING', 'ALL'] as const;
export type Scope = (typeof SCOPES)[number];

export class ChangeQuery {
  /** Of a series: only this appointment, also those after it, or all that are still to come. */
  @IsOptional()
  @IsIn(SCOPES)
  scope: Scope = 'THIS';
}

export class CancelAppointmentQuery extends CancelQuery {
  /** Of the front desk: CLIENT if the patient asked for it, so that refunds follow the policy. Default: CLINIC, refunded in full. */
  @IsOptional()
  @IsIn(CANCELLATION_PARTIES)
  requestedBy?: CancellationParty;

  /** Of a series: only this appointment, also those after it, or all that are still to come. */
  @IsOptional()
  @IsIn(SCOPES)
  scope: Scope = 'THIS';
}

/** A time of a series that cannot be booked. */
export class SkippedOccurrence {
  /** @example 2026-11-23T09:00:00.000Z */
  startDateTime: Date;
  /** `APPOINTMENT_CONFLICT`, or the reason of `SLOT_NOT_OFFERED`. @example APPOINTMENT_CONFLICT */
  reason: string;
  /** Of an `APPOINTMENT_CONFLICT`. @example DOCTOR */
  conflictingWith?: ReservedKind;
  /** Up to three of the nearest free times. */
  alternatives: SlotView[];
}

export class SeriesView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a12 */
  seriesId: string;
  appointments: AppointmentView[];
  skipped: SkippedOccurrence[];
}
