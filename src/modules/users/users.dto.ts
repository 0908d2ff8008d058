import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsEmail,
  IsIn,
  IsLocale,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  MaxLength,
} from 'class-validator';
import { IsZoneName } from '../../core/http/instants.js';
import { PageQuery } from '../../core/http/page.js';
import { CanonicalEmail, MayBeLeftOut, PHONE, Trimmed } from '../../core/http/text.js';
import { ROLES, type Role } from '../../core/security/actor.js';

export class UserView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  /** @example mona.hassan@example.org */
  email: string | null;
  /** @example Mona */
  firstName: string;
  /** @example Hassan */
  lastName: string;
  /** @example +201001234567 */
  phone: string | null;
  /** @example CLIENT */
  role: Role;
  /** The patient record of a CLIENT. */
  clientId: string | null;
  /** The doctor that a DOCTOR is. */
  doctorId: string | null;
  clinicIds: string[];
  /** @example Africa/Cairo */
  timeZone: string;
  /** @example ar */
  locale: string;
  emailVerified: boolean;
  /** @example 1 */
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

/** The fields that every way of making or changing a person shares. */
export class PersonFields {
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

  /** @example +201001234567 */
  @IsOptional()
  @Trimmed()
  @IsString()
  @Matches(PHONE, { message: 'must be a telephone number' })
  phone?: string | null;

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

export class ChangeUser extends PersonFields {
  /** ADMIN only. */
  @MayBeLeftOut()
  @CanonicalEmail()
  @IsEmail()
  @MaxLength(254)
  email?: string;

  /** ADMIN only; ends the sessions of the user. */
  @MayBeLeftOut()
  @IsIn(ROLES)
  role?: Role;

  /** ADMIN; a MANAGER within the own clinics. */
  @MayBeLeftOut()
  @IsArray()
  @ArrayMaxSize(100)
  @ArrayUnique()
  @IsUUID(undefined, { each: true })
  clinicIds?: string[];
}

export class CreateUser {
  /** @example sara@example.org */
  @CanonicalEmail()
  @IsEmail()
  @MaxLength(254)
  email: string;

  /** Left out: the user can't sign in until a password is set. */
  @MayBeLeftOut()
  @IsString()
  @Length(8, 128)
  password?: string;

  /** @example Sara */
  @Trimmed()
  @IsString()
  @Length(1, 100)
  firstName: string;

  /** @example Adel */
  @Trimmed()
  @IsString()
  @Length(1, 100)
  lastName: string;

  @IsOptional()
  @Trimmed()
  @IsString()
  @Matches(PHONE, { message: 'must be a telephone number' })
  phone?: string | null;

  /** Only ADMIN gives another role than CLIENT. @example STAFF */
  @MayBeLeftOut()
  @IsIn(ROLES)
  role: Role = 'CLIENT';

  /** May be left out by the MANAGER of one clinic, which it is then. */
  @MayBeLeftOut()
  @IsArray()
  @ArrayMaxSize(100)
  @ArrayUnique()
  @IsUUID(undefined, { each: true })
  clinicIds?: string[];

  /** @example Africa/Cairo */
  @MayBeLeftOut()
  @IsZoneName()
  timeZone: string = 'UTC';

  /** @example en */
  @MayBeLeftOut()
  @IsLocale()
  @MaxLength(20)
  locale: string = 'en';
}

export const USER_SORTS = ['createdAt', '-createdAt', 'lastName', '-lastName'] as const;

export class UsersQuery extends PageQuery {
  /** Words of the name or the address. @example mona */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  q?: string;

  @IsOptional()
  @IsIn(ROLES)
  role?: Role;

  @IsOptional()
  @IsUUID()
  clinicId?: string;

  @IsOptional()
  @IsIn(USER_SORTS)
  sort: (typeof USER_SORTS)[number] = 'createdAt';
}
