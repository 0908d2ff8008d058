import { IsIn, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import { IsLocalDay, IsZoneName } from '../../core/http/instants.js';
import { PageQuery } from '../../core/http/page.js';
import { EmailAddress, IsPhone, LanguageTag, MayBeLeftOut, PersonName, Trimmed } from '../../core/http/text.js';
import { SEXES, type Sex } from './client.entity.js';

/** Of new notes. A merge joins the notes of both records, which can then be longer. */
export const MAX_NOTES_CHARACTERS = 5_000;

export class ClientView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  userId: string;
  /** @example mona.hassan@example.org */
  email: string | null;
  /** Whether the person confirmed the address with a link that was mailed to it. */
  emailVerified: boolean;
  /** @example Mona */
  firstName: string;
  /** @example Hassan */
  lastName: string;
  /** @example +201001234567 */
  phone: string | null;
  /** @example Africa/Cairo */
  timeZone: string;
  /** @example ar */
  locale: string;
  /** @example 1988-04-02 */
  dateOfBirth: string | null;
  /** @example FEMALE */
  sex: Sex | null;
  /** The medical record number at the clinic `clinicId`. @example MRN-00412 */
  mrn: string | null;
  address: string | null;
  emergencyContact: string | null;
  /** Notes of the clinic `clinicId`, for its staff only. */
  notes: string | null;
  /**
   * The clinic that `mrn` and `notes` belong to: the reader's or, during an emergency access, any clinic of the patient. Null if several
   * of these are possible and the parameter `clinicId` does not choose one; `mrn` and `notes` are then also null.
   */
  clinicId: string | null;
  /** The patient's clinics; only those at which you work, unless you are ADMIN or have an emergency access. */
  clinicIds: string[];
  /** @example 1 */
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

type DuplicateField = 'NAME' | 'PHONE' | 'DATE_OF_BIRTH';

export class PossibleDuplicate {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  /** Whether the person confirmed the e-mail address with a link that was mailed to it. */
  emailVerified: boolean;
  /** @example Mona */
  firstName: string;
  /** @example Hassan */
  lastName: string;
  /** @example +201001234567 */
  phone: string | null;
  /** @example 1988-04-02 */
  dateOfBirth: string | null;
  /** What agrees with the compared record. @example ["NAME", "PHONE"] */
  matchingOn: DuplicateField[];
}

export class RegisteredClientView extends ClientView {
  /** Patients of your clinics who may be the same person, most likely first, at most 10. */
  possibleDuplicates: PossibleDuplicate[];
}

/** The fields of a patient record that are the same for creating and changing one. */
export class RecordFields {
  /** In any format; stored as E.164. Without a country code it is a number of the clinic's country. @example +201001234567 */
  @IsOptional()
  @IsPhone()
  phone?: string | null;

  /** @example 1988-04-02 */
  @IsOptional()
  @IsLocalDay()
  dateOfBirth?: string | null;

  /** @example FEMALE */
  @IsOptional()
  @IsIn(SEXES)
  sex?: Sex | null;

  /** Unique within the clinic; case, spaces and the kind of dash are ignored. @example MRN-00412 */
  @IsOptional()
  @Trimmed()
  @IsString()
  @MaxLength(64)
  mrn?: string | null;

  @IsOptional()
  @IsString()
  @MaxLength(500)
  address?: string | null;

  @IsOptional()
  @IsString()
  @MaxLength(500)
  emergencyContact?: string | null;

  /** Default for a new patient: the clinic's. @example Africa/Cairo */
  @MayBeLeftOut()
  @IsZoneName()
  timeZone?: string;

  /** Default for a new patient: the clinic's. @example ar */
  @MayBeLeftOut()
  @LanguageTag()
  locale?: string;
}

export class CreateClient extends RecordFields {
  /** @example Mona */
  @PersonName()
  firstName: string;

  /** @example Hassan */
  @PersonName()
  lastName: string;

  /**
   * An invitation is sent to it if no other patient has it. It does not link the record to an account with the same address. An
   * address that is verified for another account is refused; an unverified one is not.
   */
  @IsOptional()
  @EmailAddress()
  email?: string | null;

  /** Optional if you work at exactly one clinic. */
  @MayBeLeftOut()
  @IsUUID()
  clinicId?: string;

  @IsOptional()
  @IsString()
  @MaxLength(MAX_NOTES_CHARACTERS)
  notes?: string | null;
}

export class ChangeClient extends RecordFields {
  /** At most 5,000 characters, or as many as the stored notes have: a merge joins the notes of both records. */
  @IsOptional()
  @IsString()
  @MaxLength(10 * MAX_NOTES_CHARACTERS)
  notes?: string | null;

  /** The clinic that `mrn` and `notes` belong to. Optional if the patient belongs to exactly one of your clinics. */
  @MayBeLeftOut()
  @IsUUID()
  clinicId?: string;

  /** @example Mona */
  @MayBeLeftOut()
  @PersonName()
  firstName?: string;

  /** @example Hassan */
  @MayBeLeftOut()
  @PersonName()
  lastName?: string;
}

const CLIENT_SORTS = ['createdAt', '-createdAt', 'lastName', '-lastName'] as const;

export class ClientsQuery extends PageQuery {
  /**
   * The start of a name, or a complete e-mail address, telephone number in any format, record number (MRN) or date of birth.
   * @example hassan
   */
  @IsOptional()
  @Trimmed()
  @IsString()
  @MaxLength(200)
  q?: string;

  /** Only patients of this clinic, with its `mrn` and `notes`. */
  @IsOptional()
  @IsUUID()
  clinicId?: string;

  @IsOptional()
  @IsIn(CLIENT_SORTS)
  sort: (typeof CLIENT_SORTS)[number] = 'createdAt';
}

export class ClientQuery {
  /** The clinic that `mrn` and `notes` belong to. Optional if the patient belongs to exactly one of your clinics. */
  @IsOptional()
  @IsUUID()
  clinicId?: string;
}
