import { ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { Equals, IsIn, IsOptional, IsString, MaxLength, ValidateIf } from 'class-validator';
import { EmailAddress, IsPhone, MayBeLeftOut, PersonName } from '../../core/http/text.js';
import type { Role } from '../../core/kernel/actor.js';
import { Register } from '../auth/index.js';
import { UsersQuery, type UserView } from '../users/index.js';
import { LIST_LIMIT, ListLimit } from './list-limit.js';
import { IsMobileId, type MobileId } from './mobile-id.js';
import { fullName } from './person-name.js';

/** The app's names for the role of a patient. */
const PATIENT_ROLES = ['client', 'CLIENT', 'user', 'patient'] as const;

/** The app's names of the roles. */
const MOBILE_ROLES = ['client', 'doctor', 'staff', 'manager', 'admin'] as const;
type MobileRole = (typeof MOBILE_ROLES)[number];

/** Turns an empty text, which the app sends for no value, into null. */
const EmptyIsNull = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' && value.trim() === '' ? null : value));

/** A registration with the app's field names, or with those of /api/v1. */
export class MobileRegister extends OmitType(Register, ['firstName', 'lastName', 'phone'] as const) {
  /** The full name; its first word becomes the first name. Or give firstName and lastName. @example Mona Hassan */
  @MayBeLeftOut()
  @PersonName(201)
  name?: string;

  /** @example Mona */
  @MayBeLeftOut()
  @PersonName()
  firstName?: string;

  /** @example Hassan */
  @MayBeLeftOut()
  @PersonName()
  lastName?: string;

  /** In any format; empty for no number. @example 01001234567 */
  @EmptyIsNull()
  @IsOptional()
  @IsPhone()
  phone?: string | null;

  /** Registration always creates a patient. @example client */
  @MayBeLeftOut()
  @IsIn(PATIENT_ROLES)
  role?: (typeof PATIENT_ROLES)[number];

  /** Always true. */
  @ApiPropertyOptional({ type: 'boolean', enum: [true] })
  @MayBeLeftOut()
  @Equals(true)
  isActive?: boolean;
}

export class MobileUserView {
  /** @example 1000001 */
  id: number;
  /** @example mona.hassan@example.org */
  email: string | null;
  /** @example Mona Hassan */
  name: string;
  /** @example client */
  role: MobileRole;
  /** @example +201001234567 */
  phone: string | null;
  /** Always true: deleted accounts are not returned. */
  isActive: boolean;
  /** @example 2026-11-23T09:00:00.000Z */
  createdAt: Date;
}

/** The changed user object. Absent and equal fields do not change. */
export class MobileChangeUser {
  /** The same id as in the path. */
  @MayBeLeftOut()
  @IsMobileId({ optional: true })
  id?: MobileId;

  /** The first word is the first name. @example Mona Hassan */
  @MayBeLeftOut()
  @PersonName(201)
  name?: string;

  /** An ADMIN may change it for others. Call `POST /api/v1/auth/reauthenticate` first. Your own new address takes effect when you have verified it. @example mona.hassan@example.org */
  @EmptyIsNull()
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @EmailAddress()
  email?: string | null;

  /** In any format; empty or null removes it. @example 01001234567 */
  @EmptyIsNull()
  @IsOptional()
  @IsPhone()
  phone?: string | null;

  /** Only an ADMIN may change it. @example client */
  @IsOptional()
  @IsString()
  @MaxLength(20)
  role?: string | null;

  /** Always true. */
  @ApiPropertyOptional({ type: 'boolean', enum: [true] })
  @MayBeLeftOut()
  @Equals(true)
  isActive?: boolean;

  /** Accepted and ignored. @example 2026-11-23T09:00:00.000Z */
  @IsOptional()
  @IsString()
  @MaxLength(40)
  createdAt?: string | null;
}

export class MobileSignedInView {
  /** For `Authorization: Bearer …`. */
  accessToken: string;
  /** The same as accessToken. */
  token: string;
  user: MobileUserView;
}

/** Returns at most 100 accounts, oldest first. */
export class MobileUsersQuery extends UsersQuery {
  @ListLimit()
  override limit: number = LIST_LIMIT;
}

export const toUserView = (user: UserView, number: number): MobileUserView => ({
  id: number,
  email: user.email,
  name: fullName(user.firstName, user.lastName),
  role: user.role.toLowerCase() as MobileRole,
  phone: user.phone,
  isActive: true,
  createdAt: user.createdAt,
});

/** Converts the app's name of a role; null if unknown. */
export function toRole(role: string): Role | null {
  if ((PATIENT_ROLES as readonly string[]).includes(role)) return 'CLIENT';
  return (MOBILE_ROLES as readonly string[]).includes(role.toLowerCase()) ? (role.toUpperCase() as Role) : null;
}
