import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** What an invitation adds to its account link, which has the same id: who invited the person, and to what. */
@Index('invitation_clinic', ['clinicId'])
@Entity('invitation')
export class Invitation {
  @ForeignKey('account_link', { onDelete: 'CASCADE' })
  @PrimaryColumn('uuid')
  id: string;

  /** The clinic that invites. Null for an administrator who has no clinic. */
  @ForeignKey('clinic')
  @Column('uuid', { nullable: true })
  clinicId: string | null;

  /** Whether it adds the clinic to the account of a person who works elsewhere. */
  @Column('boolean', { default: false })
  joinsClinic: boolean;

  /** Whether its address becomes that of the account: the person entered it after an invitation by SMS. */
  @Column('boolean', { default: false })
  setsEmail: boolean;

  /** Whether somebody asked for it. Otherwise it was sent because the account was created. */
  @Column('boolean', { default: false })
  wasRequested: boolean;

  @Column('int', { default: 0 })
  wrongBirthDates: number;
}
