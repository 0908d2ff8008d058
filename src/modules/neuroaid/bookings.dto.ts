import { ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, IsUUID, Matches, MaxLength } from 'class-validator';
import { IsInstant } from '../../core/http/instants.js';
import { MayBeLeftOut, Trimmed } from '../../core/http/text.js';
import { APPOINTMENT_SORTS, AppointmentsQuery, AppointmentView, BookAppointment } from '../appointments/index.js';
import { LIST_LIMIT, ListLimit } from './list-limit.js';
import { CLOCK_TIME } from './local-start.js';

/** A day, also as the first ten characters of a date and time, which is how the client writes a day. */
const DAY = /^\d{4}-\d{2}-\d{2}(?:T[\d:.]{1,20}Z?)?$/;

/** The body of /api/v1/appointments; or what the client sends: day, time on the clinic's clocks, no service. */
export class MobileBookAppointment extends OmitType(BookAppointment, ['serviceId', 'startDateTime'] as const) {
  /** May be left out where the doctor gives one service only. @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  @MayBeLeftOut()
  @IsUUID()
  serviceId?: string;

  /** A start that `GET /api/v1/availability` lists; or give date and time. @example 2026-11-23T09:00:00Z */
  @MayBeLeftOut()
  @IsInstant()
  startDateTime?: string;

  /** Day at the clinic. @example 2026-11-23 */
  @MayBeLeftOut()
  @Matches(DAY, { message: 'must be a day, such as 2026-11-23' })
  date?: string;

  /** Time on the clinic's clocks. @example 09:00 AM */
  @MayBeLeftOut()
  @Trimmed()
  @Matches(CLOCK_TIME, { message: 'must be a time, such as 09:30 or 09:30 AM' })
  time?: string;

  /** Yours, if at all. */
  @MayBeLeftOut()
  @IsUUID()
  userId?: string;

  /** Sent by the client, not used. */
  @IsOptional()
  @IsString()
  @MaxLength(300)
  doctorName?: string | null;

  /** Sent by the client, not used. */
  @IsOptional()
  @IsString()
  @MaxLength(300)
  doctorSpecialty?: string | null;

  /** Sent by the client, not used: the clinic's policy says how a booking starts. */
  @MayBeLeftOut()
  @IsIn(['upcoming', 'pending'])
  status?: string;
}

/** At most 100 at a time, the last booked first. */
export class MobileBookingsQuery extends AppointmentsQuery {
  @ListLimit()
  override limit: number = LIST_LIMIT;
  @ApiPropertyOptional({ enum: APPOINTMENT_SORTS, default: '-createdAt' })
  override sort: AppointmentsQuery['sort'] = '-createdAt';

  /** Yours, if at all. */
  @MayBeLeftOut()
  @IsUUID()
  userId?: string;
}

export class BookedDoctorView {
  /** @example Dr Laila Mansour */
  name: string;
  /** @example Neurology */
  specialty: string;
  /** @example https://api.example.org/api/v1/doctors/019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10/photo */
  image: string;
}

export class MobileBookingView extends AppointmentView {
  /** The patient's account, where it is yours; else null. */
  userId: string | null;
  /** Day at the clinic. @example 2026-11-23 */
  date: string;
  /** Time on the clinic's clocks. @example 11:00 */
  time: string;
  /** Null where the doctor has left. */
  doctor: BookedDoctorView | null;
  /** @example Dr Laila Mansour */
  doctorName: string;
  /** @example Neurology */
  doctorSpecialty: string;
}
