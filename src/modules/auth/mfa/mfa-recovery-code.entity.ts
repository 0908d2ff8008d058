import { Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/** A recovery code that was not used yet. A code has 120 random bits, so that a fast hash is enough. */
@Entity('mfa_recovery_code')
export class MfaRecoveryCode {
  @ForeignKey('user_account')
  @PrimaryColumn('uuid')
  userId: string;

  @PrimaryColumn('bytea')
  codeHash: Buffer;
}
