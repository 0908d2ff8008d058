import { IntersectionType } from '@nestjs/swagger';
import { IsOptional, IsString, Length, MaxLength } from 'class-validator';
import { IsZoneName } from '../../core/http/instants.js';
import { EmailAddress, IsPhone, LanguageTag, MayBeLeftOut, NewPassword, PersonName } from '../../core/http/text.js';
import { ChangeUser, UserView } from '../users/index.js';
import { ProofFields } from './mfa/mfa.dto.js';

export class Register {
  /** @example mona.hassan@example.org */
  @EmailAddress()
  email: string;

  /** 8 to 128 characters. Must be hard to guess for a person who knows the name and address. @example a-long-and-quiet-river */
  @NewPassword()
  password: string;

  /** @example Mona */
  @PersonName()
  firstName: string;

  /** @example Hassan */
  @PersonName()
  lastName: string;

  /** In any notation; stored as E.164. Without a country code, it is read as a number of the time zone's country. @example +201001234567 */
  @IsOptional()
  @IsPhone()
  phone?: string | null;

  /** @example Africa/Cairo */
  @MayBeLeftOut()
  @IsZoneName()
  timeZone: string = 'UTC';

  /** @example ar */
  @MayBeLeftOut()
  @LanguageTag()
  locale: string = 'en';
}

export class Login {
  /** @example patient@careslot.test */
  @EmailAddress()
  email: string;

  /** @example careslot-demo-1 */
  @IsString()
  @Length(1, 128)
  password: string;
}

export class LoginWithCode extends Login {
  /**
   * Only after MFA_REQUIRED: the six digits of your authenticator app, or a recovery code. Blanks and Arabic or Devanagari digits
   * are accepted.
   * @example 287082
   */
  @MayBeLeftOut()
  @IsString()
  @Length(1, 100)
  otp?: string;
}

export class VerifyEmail {
  /** The last part of the first link in the mail. */
  @IsString()
  @Length(1, 500)
  token: string;
}

export class EmailVerifiedView {
  emailVerified: boolean;
}

export class Refresh {
  /** Left out if the cookie contains it. */
  @MayBeLeftOut()
  @IsString()
  @MaxLength(4096)
  refreshToken?: string;
}

export class ChangePassword {
  @IsString()
  @Length(1, 128)
  currentPassword: string;

  /** 8 to 128 characters. Must be hard to guess for a person who knows the name and address. */
  @NewPassword()
  newPassword: string;

  /**
   * If you have a second factor, unless this session was proven within ten minutes: a code of your authenticator app, or a
   * recovery code.
   * @example 287082
   */
  @MayBeLeftOut()
  @IsString()
  @Length(1, 100)
  otp?: string;
}

/** The proof is for a new address. */
export class ChangeAccount extends IntersectionType(ChangeUser, ProofFields) {}

export class ForgotPassword {
  /** @example mona.hassan@example.org */
  @EmailAddress()
  email: string;
}

export class ResetPassword {
  /** The last part of the link in the mail. */
  @IsString()
  @Length(1, 500)
  token: string;

  /** 8 to 128 characters. Must be hard to guess for a person who knows the name and address. @example a-long-and-quiet-river */
  @NewPassword()
  password: string;
}

export class SignedInView {
  user: UserView;
  /** For `Authorization: Bearer …`. */
  accessToken: string;
  /** Left out in cookie mode. */
  refreshToken?: string;
  /** Lifetime of the access token in seconds. @example 900 */
  expiresIn: number;
}

export class SessionView {
  /** @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  id: string;
  /** Whether it is the session of this request. */
  current: boolean;
  /** @example CareSlot/1.0 (Android) */
  userAgent: string | null;
  /** @example 203.0.113.7 */
  ip: string | null;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
}
