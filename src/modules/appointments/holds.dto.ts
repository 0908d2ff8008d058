import { PickType } from '@nestjs/swagger';
import { IsUUID } from 'class-validator';
import { MayBeLeftOut } from '../../core/http/text.js';
import { BookAppointment } from './appointments.dto.js';
import type { ShortClientView, ShortResourceView, ShortServiceView } from './short-objects.dto.js';

export class HoldSlot extends PickType(BookAppointment, [
  'serviceId',
  'doctorId',
  'startDateTime',
  'resourceIds',
  'referralId',
] as const) {
  /** The patient. A CLIENT holds for themselves and may leave it out; so may the front desk, until it knows the patient. */
  @MayBeLeftOut()
  @IsUUID()
  clientId?: string;
}

export class HoldView {
  /** Also the id of the appointment that is booked from it. @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  clinicId: string;
  doctorId: string;
  serviceId: string;
  /** Null while the front desk does not know the patient yet, and of a time that is offered to several patients. In the day of a clinic, also null for a DOCTOR. */
  clientId: string | null;
  /** The reserved rooms and equipment. */
  resourceIds: string[];
  /** @example 2026-11-23T09:00:00.000Z */
  startDateTime: Date;
  /** @example 2026-11-23T09:30:00.000Z */
  endDateTime: Date;
  /** From then on, others can book the time. @example 2026-11-22T10:10:00.000Z */
  expiresAt: Date;
}

/** A hold in the day of a clinic. */
export class DayHoldView extends HoldView {
  /** Absent for a DOCTOR. */
  client?: ShortClientView | null;
  service?: ShortServiceView;
  resources?: ShortResourceView[];
}
