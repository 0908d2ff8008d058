import { Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** A clinic that a user works for. */
@Index('user_clinic_clinic', ['clinicId'])
@Entity('user_clinic')
export class UserClinic {
  @ForeignKey('user_account')
  @PrimaryColumn('uuid')
  userId: string;

  @ForeignKey('clinic')
  @PrimaryColumn('uuid')
  clinicId: string;
}
