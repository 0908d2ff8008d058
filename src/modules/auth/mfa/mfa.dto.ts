import { IsString, Length } from 'class-validator';
import { MayBeLeftOut } from '../../../core/http/text.js';

/** For descriptions of routes that need it. */
export const NEEDS_FRESH_PROOF =
  'Needs fresh proof of identity: `POST /auth/reauthenticate`, or `password` and `otp` in the body.';

class PasswordProof {
  /** Your password, unless this session was proven within ten minutes. @example careslot-demo-1 */
  @MayBeLeftOut()
  @IsString()
  @Length(1, 128)
  password?: string;
}

/** The optional proof of identity in requests of routes that need one. */
export class ProofFields extends PasswordProof {
  /** A code of your authenticator app, or a recovery code, if you have a second factor. @example 287082 */
  @MayBeLeftOut()
  @IsString()
  @Length(1, 100)
  otp?: string;
}

export class Reauthenticate extends ProofFields {}

export class EnableMfa extends PasswordProof {
  /** A code of the secret of the last setup: six digits, also with blanks, in Arabic or Devanagari digits. @example 287082 */
  @IsString()
  @Length(1, 100)
  otp: string;
}

export class VerifyPendingSignIn {
  /** From a sign-in at an identity provider. */
  @IsString()
  @Length(1, 500)
  pendingToken: string;

  /** A code of your authenticator app, or a recovery code. @example 287082 */
  @IsString()
  @Length(1, 100)
  otp: string;
}

export class MfaStateView {
  enabled: boolean;
  /** Whether your role must have a second factor, by configuration or by a clinic's policy. @example false */
  required: boolean;
  /** @example 10 */
  recoveryCodesLeft: number;
}

export class MfaSetupView {
  /** For the QR code. @example otpauth://totp/CareSlot:mona%40example.org?issuer=CareSlot&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30 */
  otpauthUri: string;
  /** The same secret in base32, to be typed. @example JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP */
  secret: string;
}

export class RecoveryCodesView {
  /** Ten codes that each work once instead of a code of the app. They are shown only now. */
  recoveryCodes: string[];
}
