import { Injectable } from '@nestjs/common';
import { encryptedField } from '../../core/encryption/encrypted-column.js';
import { FieldEncryption } from '../../core/encryption/field-encryption.js';
import { DOCTOR_VIDEO_URL } from '../doctors/index.js';
import type { AppointmentNoteChange } from './appointment-note-change.entity.js';
import type { Appointment } from './appointment.entity.js';
import type { VideoLinks } from './appointment.policy.js';

const APPOINTMENT_KEY = { id: 'uuid' } as const;
const NOTE_CHANGE_KEY = { audit_id: 'uuid', field: 'text' } as const;

export const APPOINTMENT_NOTES = encryptedField('appointment', 'notes', APPOINTMENT_KEY);
export const STAFF_NOTES = encryptedField('appointment', 'staff_notes', APPOINTMENT_KEY);
export const INSURANCE_NOTE = encryptedField('appointment', 'insurance_note', APPOINTMENT_KEY);
export const CANCEL_REASON = encryptedField('appointment', 'cancel_reason', APPOINTMENT_KEY);
export const APPOINTMENT_VIDEO_URL = encryptedField('appointment', 'video_url', APPOINTMENT_KEY);
export const OLD_NOTE = encryptedField('appointment_note_change', 'old_text', NOTE_CHANGE_KEY);
export const NEW_NOTE = encryptedField('appointment_note_change', 'new_text', NOTE_CHANGE_KEY);

/** The links of a video visit as the database stores them; null for other visits. */
export interface EncryptedVideoLinks {
  id: string;
  doctorId: string;
  ownUrl: Buffer | null;
  doctorUrl: Buffer | null;
}

/** Selects EncryptedVideoLinks of the appointment `a` with its service `s` and its doctor `d`. */
export const VIDEO_LINK_COLUMNS = `
  CASE WHEN s.mode = 'VIDEO' THEN a.video_url END AS "ownUrl", CASE WHEN s.mode = 'VIDEO' THEN d.video_url END AS "doctorUrl"`;

type TextField = AppointmentNoteChange['field'];
type ReasonField = 'overrideReason' | 'moveReason';
type NoteField = Exclude<TextField, ReasonField>;

/** The texts of a row as the database stores them, under the names of the view. */
export interface EncryptedTexts {
  id: string;
  notes: Buffer | null;
  /** Absent if the reader is the patient. */
  staffNotes?: Buffer | null;
  insuranceNote: Buffer | null;
  cancelReason: Buffer | null;
}

type Texts = Pick<Appointment, 'notes' | 'staffNotes' | 'insuranceNote' | 'cancelReason'>;
type EncryptedEntityTexts = Pick<
  Appointment,
  'encryptedNotes' | 'encryptedStaffNotes' | 'encryptedInsuranceNote' | 'encryptedCancelReason'
>;

/** Encrypts and decrypts what people write about a visit: notes, staff notes, the insurance and the reason of a cancellation. */
@Injectable()
export class AppointmentTexts {
  constructor(private readonly encryption: FieldEncryption) {}

  encrypt(id: string, { notes, staffNotes, insuranceNote, cancelReason }: Texts): EncryptedEntityTexts {
    return {
      encryptedNotes: this.encryption.encryptText(APPOINTMENT_NOTES, notes, id),
      encryptedStaffNotes: this.encryption.encryptText(STAFF_NOTES, staffNotes, id),
      encryptedInsuranceNote: this.encryption.encryptText(INSURANCE_NOTE, insuranceNote, id),
      encryptedCancelReason: this.encryption.encryptText(CANCEL_REASON, cancelReason, id),
    };
  }

  /** Sets the texts of a row that was read to be changed. @throws DecryptionError */
  decryptEntity(appointment: Appointment): Appointment {
    const { id, encryptedNotes = null, encryptedStaffNotes = null, encryptedCancelReason = null } = appointment;
    const { encryptedInsuranceNote = null } = appointment;
    appointment.notes = this.encryption.decryptText(APPOINTMENT_NOTES, encryptedNotes, id);
    appointment.staffNotes = this.encryption.decryptText(STAFF_NOTES, encryptedStaffNotes, id);
    appointment.insuranceNote = this.encryption.decryptText(INSURANCE_NOTE, encryptedInsuranceNote, id);
    appointment.cancelReason = this.encryption.decryptText(CANCEL_REASON, encryptedCancelReason, id);
    delete appointment.encryptedNotes;
    delete appointment.encryptedStaffNotes;
    delete appointment.encryptedInsuranceNote;
    delete appointment.encryptedCancelReason;
    return appointment;
  }

  /** For views: a text that cannot be decrypted is UNREADABLE_TEXT. */
  readRow<Row extends EncryptedTexts>(row: Row): Omit<Row, keyof Texts> & Partial<Texts> & Omit<Texts, 'staffNotes'> {
    const { id, notes, staffNotes, insuranceNote, cancelReason } = row;
    const view = {
      ...(row as Omit<Row, keyof Texts>),
      notes: this.encryption.readText(APPOINTMENT_NOTES, notes, id),
      insuranceNote: this.encryption.readText(INSURANCE_NOTE, insuranceNote, id),
      cancelReason: this.encryption.readText(CANCEL_REASON, cancelReason, id),
    };
    // A conditional spread takes several times as long.
    if (staffNotes === undefined) return view;
    return Object.assign(view, { staffNotes: this.encryption.readText(STAFF_NOTES, staffNotes, id) });
  }

  /** The texts of a row for a view of the staff, without the row. */
  read({ id, notes, staffNotes = null, insuranceNote, cancelReason }: EncryptedTexts): Texts {
    return {
      notes: this.encryption.readText(APPOINTMENT_NOTES, notes, id),
      staffNotes: this.encryption.readText(STAFF_NOTES, staffNotes, id),
      insuranceNote: this.encryption.readText(INSURANCE_NOTE, insuranceNote, id),
      cancelReason: this.encryption.readText(CANCEL_REASON, cancelReason, id),
    };
  }

  /** For messages: null if it cannot be decrypted. */
  readCancelReason(id: string, encrypted: Buffer | null): string | null {
    return this.encryption.readField(CANCEL_REASON, encrypted, id);
  }

  encryptVideoUrl(id: string, url: string | null): Buffer | null {
    return this.encryption.encryptText(APPOINTMENT_VIDEO_URL, url, id);
  }

  /** A link that cannot be decrypted is null. */
  readVideoLinks({ id, doctorId, ownUrl, doctorUrl }: EncryptedVideoLinks): VideoLinks {
    return {
      ownUrl: this.encryption.readField(APPOINTMENT_VIDEO_URL, ownUrl, id),
      doctorUrl: this.encryption.readField(DOCTOR_VIDEO_URL, doctorUrl, doctorId),
    };
  }

  /** The row for the history of a changed note. */
  toNoteChange(auditId: string, field: NoteField, before: Appointment, after: Appointment): AppointmentNoteChange {
    return {
      auditId,
      field,
      appointmentId: after.id,
      encryptedOldText: this.encryption.encryptText(OLD_NOTE, before[field], auditId, field),
      encryptedNewText: this.encryption.encryptText(NEW_NOTE, after[field], auditId, field),
    };
  }

  /** The row for the history with the reason of a change. */
  toReasonChange(auditId: string, field: ReasonField, appointmentId: string, reason: string): AppointmentNoteChange {
    return {
      auditId,
      field,
      appointmentId,
      encryptedOldText: null,
      encryptedNewText: this.encryption.encryptText(NEW_NOTE, reason, auditId, field),
    };
  }

  /** @param texts bytea in JSON: PostgreSQL's hex format */
  readNoteChange(
    auditId: string,
    { field, before, after }: { field: TextField; before: string | null; after: string | null },
  ): { field: TextField; before: string | null; after: string | null } {
    return {
      field,
      before: this.encryption.readText(OLD_NOTE, fromHex(before), auditId, field),
      after: this.encryption.readText(NEW_NOTE, fromHex(after), auditId, field),
    };
  }
}

/** @param text `\x` and two digits for each byte */
const fromHex = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text.slice(2), 'hex'));
