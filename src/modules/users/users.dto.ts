import { ArrayMaxSize, ArrayUnique, IsArray, IsIn, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import { IsZoneName } from '../../core/http/instants.js';
import { PageQuery } from '../../core/http/page.js';
import { EmailAddress, IsPhone, LanguageTag, MayBeLeftOut, NewPassword, PersonName } from '../../core/http/text.js';
import { ROLES, type Role } from '../../core/kernel/actor.js';

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
  /** The doctor of a DOCTOR account. */
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

export class CreatedUserView extends UserView {
  /**
   * Whether the address belongs to a person who works at another clinic. They were asked to join; the account does not change
   * before they accept. The other fields are those of the request.
   */
  joinRequested: boolean;
}

/** The fields that all requests to change a person have in common. */
export class PersonFields {
  /** @example Mona */
  @MayBeLeftOut()
  @PersonName()
  firstName?: string;

  /** @example Hassan */
  @MayBeLeftOut()
  @PersonName()
  lastName?: string;

  /** In any notation; stored as E.164. Without a country code, it is read as a number of the clinic's country. @example +201001234567 */
  @IsOptional()
  @IsPhone()
  phone?: string | null;

  /** @example Africa/Cairo */
  @MayBeLeftOut()
  @IsZoneName()
  timeZone?: string;

  /** @example ar */
  @MayBeLeftOut()
  @LanguageTag()
  locale?: string;
}

export class ChangeUser extends PersonFields {
  /** Requires your own account or the role ADMIN. Your own new address takes effect when the link in a mail to it is used. */
  @MayBeLeftOut()
  @EmailAddress()
  email?: string;

  /** ADMIN only. Ends the sessions of the user. */
  @MayBeLeftOut()
  @IsIn(ROLES)
  role?: Role;

  /** An ADMIN may set any clinics, a MANAGER only their own. */
  @MayBeLeftOut()
  @IsArray()
  @ArrayMaxSize(100)
  @ArrayUnique()
  @IsUUID(undefined, { each: true })
  clinicIds?: string[];
}

export class CreateUser {
  /** @example sara@example.org */
  @EmailAddress()
  email: string;

  /** If left out, an invitation to choose one is sent to the address. A patient gets it only if no other patient has the address. */
  @MayBeLeftOut()
  @NewPassword()
  password?: string;

  /** @example Sara */
  @PersonName()
  firstName: string;

  /** @example Adel */
  @PersonName()
  lastName: string;

  @IsOptional()
  @IsPhone()
  phone?: string | null;

  /** A MANAGER may assign CLIENT, STAFF and DOCTOR, an ADMIN every role. @example STAFF */
  @MayBeLeftOut()
  @IsIn(ROLES)
  role: Role = 'CLIENT';

  /** A MANAGER of one clinic may leave it out. */
  @MayBeLeftOut()
  @IsArray()
  @ArrayMaxSize(100)
  @ArrayUnique()
  @IsUUID(undefined, { each: true })
  clinicIds?: string[];

  /** If left out, the time zone of the first clinic, else UTC. @example Africa/Cairo */
  @MayBeLeftOut()
  @IsZoneName()
  timeZone?: string;

  /** If left out, the locale of the first clinic, else en. @example en */
  @MayBeLeftOut()
  @LanguageTag()
  locale?: string;
}

const USER_SORTS = ['createdAt', '-createdAt', 'lastName', '-lastName'] as const;

export class UsersQuery extends PageQuery {
  /** The starts of words of the name, or the complete e-mail address. @example mona */
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
