import { OmitType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsObject,
  IsString,
  IsUUID,
  MaxLength,
  MinLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import type { TextInstants } from '../../core/database/text-instants.js';
import { MayBeLeftOut, Trimmed } from '../../core/http/text.js';
import { CreateClient, PossibleDuplicate } from '../clients/index.js';
import type { QueueStatus } from './queue-order.js';

export class QueueBoardQuery {
  @IsUUID()
  clinicId: string;
}

export class QueueQuery extends QueueBoardQuery {
  /** Only this doctor's queue. */
  @MayBeLeftOut()
  @IsUUID()
  doctorId?: string;
}

export class QueuedPatientView {
  id: string;
  /** @example Mona */
  firstName: string;
  /** @example Hassan */
  lastName: string;
}

export class QueueEntryView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  clinicId: string;
  /** From 1 for each clinic and local day, in the order of arrival. @example 12 */
  number: number;
  /** @example WAITING */
  status: QueueStatus;
  /** 1 is the next patient of this doctor. Null unless `WAITING`. @example 2 */
  position: number | null;
  /** Whole minutes, estimated. Null unless `WAITING`. @example 25 */
  estimatedWaitMinutes: number | null;
  doctorId: string;
  /** Null for a walk-in who waits for a gap. To a DOCTOR, null for patients of others, as everything else about them. */
  appointmentId: string | null;
  clientId: string | null;
  serviceId: string | null;
  client: QueuedPatientView | null;
  isWalkIn: boolean;
  /** The planned start. Null for a walk-in who waits for a gap. */
  startDateTime: Date | null;
  arrivedAt: Date | null;
  calledAt: Date | null;
  startedAt: Date | null;
  completedAt: Date | null;
  /** Why the patient was moved, each time, oldest first. */
  moveReasons: string[];
  /** Increases with each call and move; also the ETag. @example 1 */
  version: number;
}

/** An entry as it is sent: instants are text. */
export type SentQueueEntry = TextInstants<QueueEntryView>;

/** The record of a new patient, as for `POST /clients`. */
export class WalkInClient extends OmitType(CreateClient, ['clinicId'] as const) {}

export class AddWalkIn {
  @IsUUID()
  clinicId: string;

  @IsUUID()
  serviceId: string;

  /** Default: the doctor who is free first. */
  @MayBeLeftOut()
  @IsUUID()
  doctorId?: string;

  /** Either the record of the patient, or `client` to make one. */
  @MayBeLeftOut()
  @IsUUID()
  clientId?: string;

  @MayBeLeftOut()
  @IsObject()
  @ValidateNested()
  @Type(() => WalkInClient)
  client?: WalkInClient;

  /** Whether to book the next free time of today (default); otherwise the patient waits for a gap. @example true */
  @MayBeLeftOut()
  @IsBoolean()
  withSlot?: boolean;
}

export class WalkInView extends QueueEntryView {
  /** For a new record: patients of your clinics who may be the same person. */
  possibleDuplicates: PossibleDuplicate[];
}

export type SentWalkIn = TextInstants<WalkInView>;

export class CallPatient {
  /** For a walk-in who waits for a gap: the doctor who takes them. Default: the one of the entry. */
  @MayBeLeftOut()
  @IsUUID()
  doctorId?: string;

  /** Call somebody again who was called and did not come. @example false */
  @MayBeLeftOut()
  @IsBoolean()
  again?: boolean;
}

export class MoveInQueue {
  /** The entry to be directly before, of the same doctor; null for the end. */
  @ValidateIf((_, value) => value !== null)
  @IsUUID()
  beforeId: string | null;

  /** Shown to the front desk and the doctor. @example Severe pain */
  @Trimmed()
  @IsString()
  @MinLength(1)
  @MaxLength(500)
  reason: string;
}

export class WaitingRoomEntryView {
  /** @example 12 */
  number: number;
  /** @example CALLED */
  status: Exclude<QueueStatus, 'DONE'>;
  doctorId: string;
  /** Where to go. @example ["Room 2"] */
  rooms: string[];
  /** Null unless `WAITING`. @example 25 */
  estimatedWaitMinutes: number | null;
}

export class WaitingRoomView {
  clinicId: string;
  /** The local day. @example 2026-11-23 */
  date: string;
  /** Who is in the room, who is called, and who waits, in the order of the queue. */
  entries: WaitingRoomEntryView[];
}
