import { Injectable } from '@nestjs/common';
import { Config } from '../../core/config/config.js';
import { DecryptionError, FieldCipher } from '../../core/security/field-cipher.js';
import type { AppointmentView } from './appointments.dto.js';

/** What happened to an appointment. Every consumer of its events reads these fields from the payload. */
export interface ChangeFacts {
  /** What was done: `booked`, `rescheduled`, `updated`, `cancelled`, `checked-in`, … */
  action: string;
  /** Of a reschedule: what is new for the patient. */
  changed?: string[];
  previousDoctorId?: string;
  /** ISO 8601, UTC. */
  previousStartDateTime?: string;
  /** Of a reinstatement: the status before. */
  undone?: string;
}

/** Who receives an appointment's events, and the zone that its days are counted in. */
export interface EventAudience {
  /** Left out where the statement that writes the outbox row adds it. */
  clientUserId?: string;
  timeZone: string;
}

/** An appointment as its event shows it. */
export interface AppointmentEventView extends Required<EventAudience> {
  /** As staff see it, `staffNotes` included. */
  view: AppointmentView;
}

/** The payload of the outbox row. Written once, so it stays true to the version it is of. */
export interface AppointmentEventPayload extends ChangeFacts, EventAudience {
  id: string;
  version: number;
  /** The view as JSON, without its texts. */
  appointment: Record<string, unknown>;
  /** The texts, encrypted and in base64. Left out where there are none. */
  sealed?: string;
}

const TEXTS = ['notes', 'staffNotes', 'cancelReason'] as const;
type Texts = Record<(typeof TEXTS)[number], string | null>;
const NO_TEXTS: Texts = { notes: null, staffNotes: null, cancelReason: null };

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
 * Writes and reads the payload of an appointment's outbox row: the appointment as of the change. Notes and reasons are health
 * data, so they are encrypted (AES-256-GCM) with a key of `JWT_SECRET`; the row stays for 48 hours.
 */
@Injectable()
export class AppointmentEventCodec {
  private readonly cipher: FieldCipher;

  constructor(config: Config) {
    this.cipher = FieldCipher.for(config, 'appointment-event');
  }

  /** @param view as staff see it, after the change */
  payload(
    view: AppointmentView,
    { clientUserId, timeZone }: EventAudience,
    facts: ChangeFacts,
  ): AppointmentEventPayload {
    const { notes, staffNotes = null, cancelReason, ...appointment } = view;
    const texts: Texts = { notes, staffNotes, cancelReason };
    const hasTexts = TEXTS.some((field) => texts[field] !== null);
    return {
      ...facts,
      clientUserId,
      timeZone,
      id: view.id,
      version: view.version,
      appointment,
      ...(hasTexts && { sealed: this.cipher.encrypt(texts, placeOf(view.id)).toString('base64') }),
    };
  }

  /**
   * @returns null if the payload does not hold all of it: it was written by a release that put only ids into it, or its texts
   * were encrypted with a secret that is no longer configured. The caller then reads the appointment from the database.
   */
  read(payload: Readonly<Record<string, unknown>>): AppointmentEventView | null {
    const { appointment, clientUserId, timeZone, sealed } = payload as Partial<AppointmentEventPayload>;
    if (!appointment || !clientUserId || !timeZone) return null;
    const texts = sealed === undefined ? NO_TEXTS : this.decrypt(sealed, String(appointment.id));
    return texts && { view: { ...withInstants(appointment), ...texts }, clientUserId, timeZone };
  }

  private decrypt(sealed: string, id: string): Texts | null {
    try {
      return this.cipher.decrypt(Buffer.from(sealed, 'base64'), placeOf(id)) as Texts;
    } catch (error) {
      if (error instanceof DecryptionError) return null;
      throw error;
    }
  }
}

/** The texts can be decrypted only in an event of the same appointment. */
const placeOf = (id: string): string => `outbox appointment ${id}`;

function withInstants(json: Record<string, unknown>): Omit<AppointmentView, keyof Texts> {
  const view = { ...json };
  for (const field of INSTANTS) {
    const instant = json[field];
    if (typeof instant === 'string') view[field] = new Date(instant);
  }
  return view as unknown as Omit<AppointmentView, keyof Texts>;
}
