import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsOptional, IsUUID } from 'class-validator';
import type { TextInstants } from '../../core/database/text-instants.js';
import { IsLocalDay } from '../../core/http/instants.js';
import {
  APPOINTMENT_STATUSES,
  AppointmentView,
  CommaSeparated,
  DayHoldView,
  EXPANDABLE,
  ShortDoctorView,
  type AppointmentStatus,
  type Expandable,
} from '../appointments/index.js';
import { QueueEntryView } from '../queue/index.js';
import { ClosureView } from '../scheduling/index.js';

/** `json` is the answer in its envelope; the others are files to print or to import. */
export const DAY_FORMATS = ['json', 'pdf', 'csv', 'ics'] as const;
export type DayFormat = (typeof DAY_FORMATS)[number];

export class DayQuery {
  /** Local day of the clinic. Default: today. @example 2026-11-23 */
  @IsOptional()
  @IsLocalDay()
  date?: string;

  /** Only this doctor. */
  @IsOptional()
  @IsUUID()
  doctorId?: string;

  /** Only appointments with one of these statuses, separated by commas. Does not change the counts. @example CONFIRMED */
  @IsOptional()
  @CommaSeparated()
  @IsArray()
  @ArrayMaxSize(APPOINTMENT_STATUSES.length)
  @IsIn(APPOINTMENT_STATUSES, { each: true })
  status?: AppointmentStatus[];

  /** Short objects beside the ids, separated by commas. Default: client,service,resources. @example client */
  @IsOptional()
  @CommaSeparated()
  @IsArray()
  @ArrayMaxSize(EXPANDABLE.length)
  @IsIn(EXPANDABLE, { each: true })
  expand?: Expandable[];

  /** pdf is a sheet for each doctor, in the clinic's language; csv and ics are files of the appointments. */
  @IsOptional()
  @IsIn(DAY_FORMATS)
  format: DayFormat = 'json';
}

export class RangeView {
  /** @example 2026-11-23T09:00:00.000Z */
  startDateTime: Date;
  /** @example 2026-11-23T13:00:00.000Z */
  endDateTime: Date;
}

export class WaitingView {
  /** Patients who have arrived and are not in the room yet. Always 0 on other days than today. @example 2 */
  waiting: number;
  /** Minutes since the arrival of the patient who has waited longest. To a DOCTOR, of their own patients. @example 25 */
  longestMinutes: number | null;
  /** Average minutes from check-in to start, of the visits that have started. @example 12 */
  averageMinutes: number | null;
}

export class DayDoctorView extends ShortDoctorView {
  isActive: boolean;
  /** Working hours without closures. */
  hours: RangeView[];
  /** Time off within the day. */
  closures: RangeView[];
  /** Reserved time with buffers, of appointments and holds. */
  busy: RangeView[];
  /** Working hours that are not reserved. */
  free: RangeView[];
  waiting: WaitingView;
}

export class DayQueueEntryView extends QueueEntryView {
  /** Minutes since the arrival, at most until the start of the visit. Null where `arrivedAt` is. @example 8 */
  waitingMinutes: number | null;
}

export class StatusCountsView {
  PENDING: number;
  CONFIRMED: number;
  IN_PROGRESS: number;
  COMPLETED: number;
  CANCELLED: number;
  NO_SHOW: number;
}

/** One day of a clinic. */
export class DayView {
  clinicId: string;
  @ApiProperty({ format: 'date' })
  date: string;
  /** @example Africa/Cairo */
  timeZone: string;
  /** The beginning of the local day. @example 2026-11-22T22:00:00.000Z */
  startDateTime: Date;
  /** The beginning of the next day. @example 2026-11-23T22:00:00.000Z */
  endDateTime: Date;
  /** When the whole clinic is closed; also in the closures of its doctors. */
  closures: ClosureView[];
  /** By name. */
  doctors: DayDoctorView[];
  /** The appointments that start on this day, by start. For a DOCTOR, their own. */
  appointments: AppointmentView[];
  /** The holds in force. For a DOCTOR, of their own time. */
  holds: DayHoldView[];
  /** The queue as `GET /queue` lists it; empty on other days than today. */
  queue: DayQueueEntryView[];
  counts: StatusCountsView;
  waiting: WaitingView;
}

/** The day as it is sent: instants are text. */
export type SentDay = TextInstants<DayView>;
export type SentDayDoctor = TextInstants<DayDoctorView>;
export type SentRange = TextInstants<RangeView>;
