import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { IsLocalDay } from '../../core/http/instants.js';

/** `json` is the answer in its envelope; the others are files. */
const REPORT_FORMATS = ['json', 'xlsx', 'pdf'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export class DailyReportQuery {
  @IsUUID()
  clinicId: string;

  /** Local day of the clinic. Default: yesterday. @example 2026-11-23 */
  @IsOptional()
  @IsLocalDay()
  date?: string;

  /** xlsx and pdf are files in your language. */
  @IsOptional()
  @IsIn(REPORT_FORMATS)
  format: ReportFormat = 'json';
}

/** A figure of the day and of the same weekday of the week before. */
export class ComparedView {
  /** @example 24 */
  value: number;
  /** @example 20 */
  previous: number;
  /** `value` minus `previous`. @example 4 */
  change: number;
}

/** As ComparedView; null where there was nothing to measure. */
export class ComparedOrNoneView {
  /** @example 12 */
  @ApiProperty({ format: 'double' })
  value: number | null;
  /** @example 15 */
  @ApiProperty({ format: 'double' })
  previous: number | null;
  /** @example -3 */
  @ApiProperty({ format: 'double' })
  change: number | null;
}

export class ReportVisitsView {
  /** Booked on this day, for any day. */
  created: ComparedView;
  /** Visits of this day: the sum of `completed`, `noShows`, `cancelled` and `open`. */
  planned: ComparedView;
  completed: ComparedView;
  noShows: ComparedView;
  cancelled: ComparedView;
  cancelledByPatient: ComparedView;
  cancelledByClinic: ComparedView;
  /** Neither completed, nor a no-show, nor cancelled. */
  open: ComparedView;
  /** Patients who came without an appointment. */
  walkIns: ComparedView;
}

class ReportTimeView {
  /** Time of visits that were not cancelled. */
  bookedMinutes: ComparedView;
  /** Working hours without closures and time off. */
  availableMinutes: ComparedView;
  /** Booked in percent of available time: more than 100 beyond the hours, null without hours. */
  utilisationPercent: ComparedOrNoneView;
}

export class ReportDoctorView extends ReportTimeView {
  doctorId: string;
  /** @example Dr. Mona Hassan */
  name: string;
}

export class ReportUtilisationView extends ReportTimeView {
  /** Those who had hours or visits on one of the two days, by name. */
  doctors: ReportDoctorView[];
}

/** In minor units. */
export class ReportRevenueView {
  /** @example EGP */
  currency: string;
  /** Payments that arrived on this day. */
  captured: ComparedView;
  /** Refunds that were decided on this day. */
  refunded: ComparedView;
  /** `captured` minus `refunded`. */
  net: ComparedView;
  /** Prices of the completed visits of this day. */
  completedVisits: ComparedView;
}

/** From check-in to start. */
export class ReportWaitingView {
  /** How many visits have both. */
  visits: ComparedView;
  medianMinutes: ComparedOrNoneView;
  longestMinutes: ComparedOrNoneView;
}

export class DailyReportView {
  clinicId: string;
  @ApiProperty({ format: 'date' })
  date: string;
  /** The day of the `previous` figures. */
  @ApiProperty({ format: 'date' })
  previousDate: string;
  /** @example Africa/Cairo */
  timeZone: string;
  /** False: no report was made for this day (yet), and the figures are computed now. */
  isFinal: boolean;
  createdAt: Date;
  visits: ReportVisitsView;
  utilisation: ReportUtilisationView;
  /** By currency. */
  revenue: ReportRevenueView[];
  waiting: ReportWaitingView;
}
