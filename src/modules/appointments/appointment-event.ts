import { Injectable } from '@nestjs/common';
import { Config } from '../../core/config/config.js';
import { DecryptionError, FieldCipher } from '../../core/security/field-cipher.js';
import type { AppointmentView } from './appointments.dto.js';

/** What happened to an appointment; consumers of its events read these fields from the payload. */
export interface EventDetails {
  /** `booked`, `rescheduled`, `updated`, `cancelled`, `checked-in`, … */
  action: string;
  /** After a reschedule: what changed for the patient (`TIME`, `DOCTOR`, `PLACE`). */
  changed?: string[];
  previousDoctorId?: string;
  /** ISO 8601, UTC. */
  previousStartDateTime?: string;
  previousEndDateTime?: string;
  /** After a reschedule: the patient had checked in before. */
  wasCheckedIn?: boolean;
  /** After a reinstatement: the status that was undone. */
  undone?: string;
  /** Changed together with other appointments of the patient: they are in one message (VISITS_MESSAGE_EVENT). */
  isTogether?: true;
  /** Another system had booked it: there is no message about the booking. */
  isImported?: true;
}

/** The patient who receives an appointment's events, and the clinic's time zone. */
interface EventAudience {
  /** Absent if the statement that writes the outbox row adds it. */
  clientUserId?: string;
  timeZone: string;
}

/** An appointment as its event carries it. */
export interface AppointmentEventView extends Required<EventAudience> {
  /** The staff's view, `staffNotes` included. */
  view: AppointmentView;
}

/** The payload of the outbox row, with the appointment at the version of the change. */
interface AppointmentEventPayload extends EventDetails, EventAudience {
  id: string;
  version: number;
  /** The view as JSON, without notes and reasons. */
  appointment: Record<string, unknown>;
  /** Notes and reasons, encrypted, base64. Absent if there are none. */
  sealed?: string;
}

const TEXTS = ['notes', 'staffNotes', 'insuranceNote', 'cancelReason'] as const;
type Texts = Record<(typeof TEXTS)[number], string | null>;
const NO_TEXTS: Texts = { notes: null, staffNotes: null, insuranceNote: null, cancelReason: null };

const INSTANTS = [
  'startDateTime',
  'endDateTime',
  'clientConfirmedAt',
  'checkedInAt',
  'startedAt',
  'completedAt',
  'cancelledAt',
  'createdAt',
  'updatedAt',
] as const satisfies (keyof AppointmentView)[];

/**
 * Writes and reads the payload of an appointment's outbox row. Notes and reasons are health data and the row stays for 48
 * hours, so they are encrypted (AES-256-GCM) with a key derived from `JWT_SECRET`.
 */
@Injectable()
export class AppointmentEventCodec {
  private readonly cipher: FieldCipher;

  constructor(config: Config) {
    this.cipher = FieldCipher.for(config, 'appointment-event');
  }

  /** @param view the staff's view after the change */
  toPayload(
    view: AppointmentView,
    { clientUserId, timeZone }: EventAudience,
    details: EventDetails,
  ): AppointmentEventPayload {
    const { notes, staffNotes = null, insuranceNote, cancelReason, ...appointment } = view;
    const texts: Texts = { notes, staffNotes, insuranceNote, cancelReason };
    const hasTexts = TEXTS.some((field) => texts[field] !== null);
    return {
      ...details,
      clientUserId,
      timeZone,
      id: view.id,
      version: view.version,
      appointment,
      ...(hasTexts && { sealed: this.cipher.encrypt(texts, toCipherContext(view.id)).toString('base64') }),
    };
  }

  /**
   * @returns null if the payload is incomplete: an older release wrote it with ids only, or its texts are encrypted with a
   * secret that is no longer configured. The caller then reads the appointment from the database.
   */
  read(payload: Readonly<Record<string, unknown>>): AppointmentEventView | null {
    const { appointment, clientUserId, timeZone, sealed } = payload as Partial<AppointmentEventPayload>;
    if (!appointment || !clientUserId || !timeZone) return null;
    const texts = sealed === undefined ? NO_TEXTS : this.decrypt(sealed, String(appointment.id));
    return texts && { view: { ...withInstants(appointment), ...NO_TEXTS, ...texts }, clientUserId, timeZone };
  }

  private decrypt(sealed: string, id: string): Texts | null {
    try {
      return this.cipher.decrypt(Buffer.from(sealed, 'base64'), toCipherContext(id)) as Texts;
    } catch (error) {
      if (error instanceof DecryptionError) return null;
      throw error;
    }
  }
}

/** Binds encrypted texts to their appointment: they cannot be decrypted in another one's event. */
const toCipherContext = (id: string): string => `outbox appointment ${id}`;

function withInstants(json: Record<string, unknown>): Omit<AppointmentView, keyof Texts> {
  const view = { ...json };
  for (const field of INSTANTS) {
    const instant = json[field];
    if (typeof instant === 'string') view[field] = new Date(instant);
  }
  return view as unknown as Omit<AppointmentView, keyof Texts>;
}
