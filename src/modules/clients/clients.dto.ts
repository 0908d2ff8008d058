import { IsIn, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import { IsLocalDay, IsZoneName } from '../../core/http/instants.js';
import { PageQuery } from '../../core/http/page.js';
import { EmailAddress, IsPhone, LanguageTag, MayBeLeftOut, PersonName, Trimmed } from '../../core/http/text.js';
import { SEXES, type Sex } from './client.entity.js';

export class ClientView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  userId: string;
  /** @example mona.hassan@example.org */
  email: string | null;
  /** Whether a link that was mailed to the address was used. False: nobody has proven that it is this person's. */
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
  /** The medical record number that the clinic of `clinicId` gave. @example MRN-00412 */
  mrn: string | null;
  address: string | null;
  emergencyContact: string | null;
  /** What the clinic of `clinicId` noted for its staff. */
  notes: string | null;
  /**
   * The clinic whose `mrn` and `notes` these are: the reader's. Null where several of the reader's clinics know the
   * patient and the parameter `clinicId` does not choose one; `mrn` and `notes` are then null too.
   */
  clinicId: string | null;
  /** The clinics that know this patient; only your own, unless you are ADMIN. */
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
  /** Whether a link that was mailed to the address was used. False: nobody has proven whose record this is. */
  emailVerified: boolean;
  /** @example Mona */
  firstName: string;
  /** @example Hassan */
  lastName: string;
  /** @example +201001234567 */
  phone: string | null;
  /** @example 1988-04-02 */
  dateOfBirth: string | null;
  /** What agrees with the new record. @example ["NAME", "PHONE"] */
  matchingOn: DuplicateField[];
}

export class RegisteredClientView extends ClientView {
  /** Patients of your clinics who may be the same person, the likeliest first, at most 10. */
  possibleDuplicates: PossibleDuplicate[];
}

/** The patient record, shared by making and changing one. */
export class RecordFields {
  /** Any spelling; stored as E.164. Without its country code: a number of the clinic's country. @example +201001234567 */
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

  /** Of one clinic, where no two patients have the same; case, blanks and kinds of dash do not count. @example MRN-00412 */
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

  @IsOptional()
  @IsString()
  @MaxLength(5000)
  notes?: string | null;

  /** Left out for a new patient: the clinic's. @example Africa/Cairo */
  @MayBeLeftOut()
  @IsZoneName()
  timeZone?: string;

  /** Left out for a new patient: the clinic's. @example ar */
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
   * Contact data: binds the record to no account. An address that its owner has proven for an account is refused; one that
   * somebody merely registered with is not.
   */
  @IsOptional()
  @EmailAddress()
  email?: string | null;

  /** May be left out by somebody who works at one clinic. */
  @MayBeLeftOut()
  @IsUUID()
  clinicId?: string;
}

export class ChangeClient extends RecordFields {
  /** Whose `mrn` and `notes` are written; may be left out where one of your clinics knows the patient. */
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
   * The beginning of a name or e-mail address, a telephone number in any spelling or at least four digits of it, a record
   * number (MRN), or a date of birth. @example hassan
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

export class ClinicOfRecord {
  /** Whose `mrn` and `notes` are meant; may be left out where one of your clinics knows the patient. */
  @IsOptional()
  @IsUUID()
  clinicId?: string;
}
