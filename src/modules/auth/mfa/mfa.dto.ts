import { IsString, Length } from 'class-validator';
import { MayBeLeftOut } from '../../../core/http/text.js';

/** The optional proof of identity in requests of routes that need one. */
export class ProofFields {
  /** Your password, unless this session was proven within ten minutes. @example careslot-demo-1 */
  @MayBeLeftOut()
  @IsString()
  @Length(1, 128)
  password?: string;

  /** A code of your authenticator app, or a recovery code, if you have a second factor. @example 287082 */
  @MayBeLeftOut()
  @IsString()
  @Length(1, 100)
  otp?: string;
}

export class Reauthenticate extends ProofFields {}
