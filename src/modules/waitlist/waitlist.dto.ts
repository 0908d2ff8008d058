import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsUUID,
  Max,
  Min,
} from 'class-validator';
import { IsLocalDay } from '../../core/http/instants.js';
import { PageQuery } from '../../core/http/page.js';
import { MayBeLeftOut } from '../../core/http/text.js';
import { CommaSeparated } from '../appointments/index.js';
import { IsEndTime, IsLocalTime } from '../scheduling/index.js';
import { URGENCIES, WAITLIST_STATUSES, type Urgency, type WaitlistStatus } from './waitlist-status.js';

export class JoinWaitlist {
  @IsUUID()
  serviceId: string;

  /** The patient. A CLIENT may leave it out. */
  @MayBeLeftOut()
  @IsUUID()
  clientId?: string;

  /** Default: any doctor of the service. */
  @MayBeLeftOut()
  @IsUUID()
  doctorId?: string;

  /** The first local day. @example 2026-11-23 */
  @IsLocalDay()
  from: string;

  /** The last one, included. @example 2026-12-04 */
  @IsLocalDay()
  to: string;

  /** ISO: Monday is 1. Default: all. @example [1, 3] */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(7)
  @ArrayUnique()
  @IsInt({ each: true })
  @Min(1, { each: true })
  @Max(7, { each: true })
  weekdays?: number[] | null;

  /** The visit starts at this local time or later. @example 09:00 */
  @IsOptional()
  @IsLocalTime()
  startTime?: string | null;

  /** The visit ends at this local time or earlier. @example 12:30 */
  @IsOptional()
  @IsEndTime()
  endTime?: string | null;

  /** Set by the front desk only. Default: NORMAL. @example HIGH */
  @MayBeLeftOut()
  @IsIn(URGENCIES)
  urgency?: Urgency;

  /** A visit of the patient and the service, for which an earlier time is asked. */
  @MayBeLeftOut()
  @IsUUID()
  appointmentId?: string;

  /** Required for a service that requires one. It is used when an offer is accepted. */
  @MayBeLeftOut()
  @IsUUID()
  referralId?: string;
}

export class WaitlistQuery extends PageQuery {
  /** Several are separated by commas. @example WAITING */
  @IsOptional()
  @CommaSeparated()
  @IsArray()
  @ArrayMaxSize(WAITLIST_STATUSES.length)
  @IsIn(WAITLIST_STATUSES, { each: true })
  status?: WaitlistStatus[];

  @IsOptional()
  @IsUUID()
  clinicId?: string;

  @IsOptional()
  @IsUUID()
  serviceId?: string;

  /** Who waits for this doctor, or for any. */
  @IsOptional()
  @IsUUID()
  doctorId?: string;

  /** A guardian gives the record of the child. */
  @IsOptional()
  @IsUUID()
  clientId?: string;
}

export class WaitlistOfferView {
  /** @example 2026-11-23T09:00:00.000Z */
  startDateTime: Date;
  /** @example 2026-11-23T09:30:00.000Z */
  endDateTime: Date;
  doctorId: string;
  /** From then on, the time is offered to the next. @example 2026-11-22T11:00:00.000Z */
  expiresAt: Date;
  /**
   * The hold of the offered time, for `POST /payments/orders`: where a deposit is required, the payment accepts the offer. Null for an
   * earlier time of a visit, and for an offer to several patients.
   */
  holdId: string | null;
}

export class WaitingPatientView {
  id: string;
  /** @example Mona */
  firstName: string;
  /** @example Hassan */
  lastName: string;
}

export class WaitlistEntryView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  clinicId: string;
  clientId: string;
  serviceId: string;
  /** Null for any doctor. */
  doctorId: string | null;
  /** @example 2026-11-23 */
  from: string;
  /** @example 2026-12-04 */
  to: string;
  /** Null for all. @example [1, 3] */
  weekdays: number[] | null;
  /** @example 09:00 */
  startTime: string | null;
  /** @example 12:30 */
  endTime: string | null;
  /** @example NORMAL */
  urgency: Urgency;
  /** Once `BOOKED`, the visit that was booked. */
  appointmentId: string | null;
  /** Null also if it was withdrawn. */
  referralId: string | null;
  /** @example WAITING */
  status: WaitlistStatus;
  /** 1 is the next. Null unless `WAITING` or `OFFERED`. @example 2 */
  position: number | null;
  /** Null unless `OFFERED`. */
  offer: WaitlistOfferView | null;
  /** Who waits; null for a CLIENT. */
  client: WaitingPatientView | null;
  /** Increases with each change; also the ETag. @example 1 */
  version: number;
  createdAt: Date;
}
