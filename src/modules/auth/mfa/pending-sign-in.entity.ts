import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** A sign-in that waits for the code of the second factor. The row is deleted when it is used. */
@Index('pending_sign_in_expires', ['expiresAt'])
@Entity('pending_sign_in')
export class PendingSignIn {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('user_account')
  @Column('uuid')
  userId: string;

  /** Of the account, when the first factor was checked. */
  @Column('timestamptz')
  authorizationChangedAt: Date;

  @Column('timestamptz')
  expiresAt: Date;
}
