import { IsEmail, IsIn, IsLocale, IsOptional, IsString, IsUUID, Length, Matches, MaxLength } from 'class-validator';
import { IsLocalDay, IsZoneName } from '../../core/http/instants.js';
import { PageQuery } from '../../core/http/page.js';
import { CanonicalEmail, MayBeLeftOut, PHONE, Trimmed } from '../../core/http/text.js';
import { SEXES, type Sex } from './client.entity.js';

export class ClientView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  userId: string;
  /** @example mona.hassan@example.org */
  email: string | null;
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
  /** @example MRN-00412 */
  mrn: string | null;
  address: string | null;
  emergencyContact: string | null;
  /** For the clinic's staff. */
  notes: string | null;
  /** The clinics that know this patient; only your own, unless you are ADMIN. */
  clinicIds: string[];
  /** @example 1 */
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

/** The patient record, shared by making and changing one. */
export class RecordFields {
  /** @example +201001234567 */
  @IsOptional()
  @Trimmed()
  @IsString()
  @Matches(PHONE, { message: 'must be a telephone number' })
  phone?: string | null;

  /** @example 1988-04-02 */
  @IsOptional()
  @IsLocalDay()
  dateOfBirth?: string | null;

  /** @example FEMALE */
  @IsOptional()
  @IsIn(SEXES)
  sex?: Sex | null;

  /** @example MRN-00412 */
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

  /** @example Africa/Cairo */
  @MayBeLeftOut()
  @IsZoneName()
  timeZone?: string;

  /** @example ar */
  @MayBeLeftOut()
  @IsLocale()
  @MaxLength(20)
  locale?: string;
}

export class CreateClient extends RecordFields {
  /** @example Mona */
  @Trimmed()
  @IsString()
  @Length(1, 100)
  firstName: string;

  /** @example Hassan */
  @Trimmed()
  @IsString()
  @Length(1, 100)
  lastName: string;

  /** An address that has an account already is refused: a record is never bound to somebody's account unasked. */
  @IsOptional()
  @CanonicalEmail()
  @IsEmail()
  @MaxLength(254)
  email?: string | null;

  /** May be left out by somebody who works at one clinic. */
  @MayBeLeftOut()
  @IsUUID()
  clinicId?: string;
}

export class ChangeClient extends RecordFields {
  /** @example Mona */
  @MayBeLeftOut()
  @Trimmed()
  @IsString()
  @Length(1, 100)
  firstName?: string;

  /** @example Hassan */
  @MayBeLeftOut()
  @Trimmed()
  @IsString()
  @Length(1, 100)
  lastName?: string;
}

export const CLIENT_SORTS = ['createdAt', '-createdAt', 'lastName', '-lastName'] as const;

export class ClientsQuery extends PageQuery {
  /** A name or its beginning, an address, or at least four digits of a telephone number. @example hassan */
  @IsOptional()
  @Trimmed()
  @IsString()
  @MaxLength(200)
  q?: string;

  @IsOptional()
  @IsUUID()
  clinicId?: string;

  @IsOptional()
  @IsIn(CLIENT_SORTS)
  sort: (typeof CLIENT_SORTS)[number] = 'createdAt';
}
