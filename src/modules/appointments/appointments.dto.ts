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
  MaxLength,
  ValidateIf,
} from 'class-validator';
import { IsInstant, IsInstantOrDay, IsZoneName } from '../../core/http/instants.js';
import { PageQuery } from '../../core/http/page.js';
import type { Actor } from '../../core/security/actor.js';
import { STATUSES, type AppointmentStatus } from './appointment.entity.js';

const present = (_: object, value: unknown): boolean => value !== undefined;

export class BookAppointment {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  @IsUUID()
  serviceId: string;

  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a11 */
  @IsUUID()
  doctorId: string;

  /** A start that `GET /availability` lists. @example 2026-11-23T09:00:00Z */
  @IsInstant()
  startDateTime: string;

  /** For whom; a CLIENT books for itself and may leave it out. */
  @ValidateIf(present)
  @IsUUID()
  clientId?: string;

  /** Rooms or equipment that are wanted; what the service needs besides is picked. */
  @ValidateIf(present)
  @IsArray()
  @ArrayMaxSize(10)
  @ArrayUnique()
  @IsUUID(undefined, { each: true })
  resourceIds?: string[];

  /** What the patient wants to say. Shown to the patient, the doctor and the desk. @example First visit */
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  notes?: string | null;

  /** STAFF: for the doctor and the desk, never shown to the patient. @example Needs a wheelchair */
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  staffNotes?: string | null;

  /**
   * STAFF: book outside of hours, grid, notice or horizon. Never over another appointment. Seconds of the start are cut
   * off: a walk-in starts at a whole minute.
   */
  @ValidateIf(present)
  @IsBoolean()
  overrideHours?: boolean;
}

export class ChangeAppointment {
  /** A new start moves the appointment in one step. @example 2026-11-23T10:00:00Z */
  @ValidateIf(present)
  @IsInstant()
  startDateTime?: string;

  @ValidateIf(present)
  @IsUUID()
  doctorId?: string;

  @ValidateIf(present)
  @IsArray()
  @ArrayMaxSize(10)
  @ArrayUnique()
  @IsUUID(undefined, { each: true })
  resourceIds?: string[];

  /** What the patient wants to say. The patient may change it until the visit starts. */
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  notes?: string | null;

  /** DOCTOR and STAFF: never shown to the patient. */
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  staffNotes?: string | null;

  /** As for a booking. */
  @ValidateIf(present)
  @IsBoolean()
  overrideHours?: boolean;
}

export class CancelQuery {
  /** @example Feeling better */
  @IsOptional()
  @IsString()
  @MaxLength(500)
  reason?: string;
}

export const APPOINTMENT_SORTS = ['startDateTime', '-startDateTime', 'createdAt', '-createdAt'] as const;

export class AppointmentsQuery extends PageQuery {
  /** Starts at or after this instant, or on or after this local day. @example 2026-11-23 */
  @IsOptional()
  @IsInstantOrDay()
  from?: string;

  /** Starts before this instant, or on or before this local day. @example 2026-11-29 */
  @IsOptional()
  @IsInstantOrDay()
  to?: string;

  /** The zone of `from` and `to` where they are days; else the clinic's, if only one is meant, else UTC. */
  @IsOptional()
  @IsZoneName()
  timeZone?: string;

  /** One status, or several with commas. @example CONFIRMED */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value))
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
  @IsIn(APPOINTMENT_SORTS)
  sort: (typeof APPOINTMENT_SORTS)[number] = 'startDateTime';
}

export class PriceView {
  /** Minor units of the currency. @example 50000 */
  amount: number;
  /** ISO 4217. @example EGP */
  currency: string;
}

export class AppointmentView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  clinicId: string;
  clientId: string;
  doctorId: string;
  serviceId: string;
  /** The rooms and equipment that it takes. */
  resourceIds: string[];
  /** @example 2026-11-23T09:00:00.000Z */
  startDateTime: Date;
  /** @example 2026-11-23T09:30:00.000Z */
  endDateTime: Date;
  /** @example CONFIRMED */
  status: AppointmentStatus;
  /** What the patient wanted to say. */
  notes: string | null;
  /** Notes of doctor and desk. Never there for a CLIENT. */
  staffNotes?: string | null;
  /** The service's price at the time of booking. */
  price: PriceView;
  /** Goes up with each change; also the ETag. @example 1 */
  version: number;
  /** The patient said, by the link in a message, that it will come. */
  clientConfirmedAt: Date | null;
  checkedInAt: Date | null;
  startedAt: Date | null;
  completedAt: Date | null;
  cancelledAt: Date | null;
  cancelReason: string | null;
  createdAt: Date;
  updatedAt: Date;
}

/** The appointment as the reader may see it: staff notes are not there for patients. */
export function viewFor({ role }: Pick<Actor, 'role'>, appointment: AppointmentView): AppointmentView {
  if (role !== 'CLIENT') return appointment;
  const { staffNotes: _, ...view } = appointment;
  return view;
}

export class HistoryActorView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  /** @example STAFF */
  role: string;
  /** null where the reader may not know it: a patient reads no names but its own. @example Nour Said */
  name: string | null;
}

export class ReplacedNoteView {
  /** @example notes */
  field: 'notes' | 'staffNotes';
  before: string | null;
  after: string | null;
}

export class AppointmentHistoryView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  /** @example 2026-11-23T09:00:00.000Z */
  at: Date;
  /** @example appointment.rescheduled */
  action: string;
  /** Who did it; null for the system. */
  actor: HistoryActorView | null;
  /** LINK: by the link in a message, which was sent to the actor. @example LINK */
  via: 'LINK' | null;
  /** The actor's id. */
  actorUserId: string | null;
  /** @example STAFF */
  actorRole: string | null;
  /** The scheduling fields that changed, each with its old and new value. */
  changes: Record<string, unknown> | null;
  /** The notes that this replaced. A patient reads no staff notes. */
  replacedNotes: ReplacedNoteView[];
}
