import { IsString, Length } from 'class-validator';
import { IsLocalDay } from '../../core/http/instants.js';
import { EmailAddress, MayBeLeftOut } from '../../core/http/text.js';
import { ProofFields } from '../auth/index.js';

export class ClaimRecord {
  /** Required if the record has one. After five wrong dates in a week, the record cannot be claimed for a while. @example 1988-04-02 */
  @MayBeLeftOut()
  @IsLocalDay()
  dateOfBirth?: string;
}

export class AcceptInvitation {
  /** The last part of the link in the invitation. */
  @IsString()
  @Length(1, 500)
  token: string;

  /**
   * The new password: 8 to 128 characters, hard to guess for a person who knows the name and address. For an invitation to join
   * another clinic, the password of the account. @example a-long-and-quiet-river
   */
  @IsString()
  @Length(1, 128)
  password: string;

  /** Required if the patient record has one. After five wrong dates, the invitation ends. @example 1988-04-02 */
  @MayBeLeftOut()
  @IsLocalDay()
  dateOfBirth?: string;

  /** Required for an invitation that came by SMS: another link is sent to this address. @example mona.hassan@example.org */
  @MayBeLeftOut()
  @EmailAddress()
  email?: string;

  /** For an invitation to join another clinic, if the account has a second factor. @example 123456 */
  @MayBeLeftOut()
  @IsString()
  @Length(1, 100)
  otp?: string;
}

export class JoinClinic extends ProofFields {
  /** The last part of the link in the invitation. */
  @IsString()
  @Length(1, 500)
  token: string;
}
