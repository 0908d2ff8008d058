import { ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, IsUUID, MaxLength, Matches } from 'class-validator';
import { IsInstant } from '../../core/http/instants.js';
import { MayBeLeftOut, Trimmed } from '../../core/http/text.js';
import { APPOINTMENT_SORTS, AppointmentsQuery, BookAppointment } from '../appointments/index.js';
import { CLOCK_TIME } from './clock-time.js';
import { LIST_LIMIT, ListLimit } from './list-limit.js';
import { IsMobileId, type MobileId } from './mobile-id.js';

/** The words of the app for the state of a booking. */
export type BookingStatus = 'pending' | 'upcoming' | 'completed' | 'canceled';

/** The body of /api/v1/appointments, or the app's format: a day and a local time of the clinic, without a service. */
export class MobileBookAppointment extends OmitType(BookAppointment, [
  'serviceId',
  'startDateTime',
  'doctorId',
] as const) {
  @IsMobileId()
  doctorId: MobileId;

  /** Default: the doctor's only service, otherwise one marked as default, otherwise the shortest. @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  @MayBeLeftOut()
  @IsUUID()
  serviceId?: string;

  /** A start that `GET /api/v1/availability` lists; or give date and time. @example 2026-11-23T09:00:00Z */
  @MayBeLeftOut()
  @IsInstant()
  startDateTime?: string;

  /** Local day of the clinic, alone or with midnight in UTC. Other instants are refused. @example 2026-12-02T00:00:00.000Z */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(40)
  date?: string;

  /** Local time of the clinic. @example 09:30 AM */
  @MayBeLeftOut()
  @Trimmed()
  @IsString()
  @Matches(CLOCK_TIME, { message: 'must be a time, such as 09:30 or 09:30 AM' })
  time?: string;

  /** Your own id, if given. */
  @MayBeLeftOut()
  @IsMobileId({ optional: true })
  userId?: MobileId;

  /** Accepted and ignored. */
  @IsOptional()
  @IsString()
  @MaxLength(300)
  doctorName?: string | null;

  /** Accepted and ignored. */
  @IsOptional()
  @IsString()
  @MaxLength(300)
  doctorSpecialty?: string | null;

  /** Accepted and ignored: the clinic's policy determines the status of a new booking. */
  @MayBeLeftOut()
  @IsIn(['upcoming', 'pending'])
  status?: string;
}

export class MobileChangeBooking {
  /** The only possible change is to cancel. @example canceled */
  @IsIn(['canceled', 'cancelled'])
  status: string;
}

/** Returns at most 100 bookings, last booked first. */
export class MobileBookingsQuery extends OmitType(AppointmentsQuery, [
  'doctorId',
  'serviceId',
  'resourceId',
  'checkedIn',
  'updatedSince',
  'q',
  'expand',
] as const) {
  @ListLimit()
  override limit: number = LIST_LIMIT;
  @ApiPropertyOptional({ enum: APPOINTMENT_SORTS, default: '-createdAt' })
  override sort: AppointmentsQuery['sort'] = '-createdAt';

  @MayBeLeftOut()
  @IsMobileId({ optional: true })
  doctorId?: MobileId;

  /** Your own id, if given. */
  @MayBeLeftOut()
  @IsMobileId({ optional: true })
  userId?: MobileId;
}

export class BookedDoctorView {
  /** @example Dr Laila Mansour */
  name: string;
  /** @example Neurology */
  specialty: string;
}

export class MobileBookingView {
  /** @example 1000001 */
  id: number;
  /** The patient's account. @example 1000002 */
  userId: number;
  /** @example 1000003 */
  doctorId: number;
  /** Empty if the doctor was deleted. */
  doctor: BookedDoctorView;
  /** @example Dr Laila Mansour */
  doctorName: string;
  /** @example Neurology */
  doctorSpecialty: string;
  /** Local day of the clinic. @example 2026-11-23 */
  date: string;
  /** Local time of the clinic. @example 11:00 AM */
  time: string;
  /** @example 2026-11-23T09:00:00.000Z */
  startDateTime: Date;
  /** A started visit is `upcoming`, a missed visit is `canceled`. @example upcoming */
  status: BookingStatus;
  notes: string | null;
  createdAt: Date;
}

export class MobileBookingsView {
  bookings: MobileBookingView[];
}
