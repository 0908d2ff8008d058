import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';
import { OFFER_STATES, type OfferState } from './waitlist-status.js';

/**
 * A freed time that is offered to a patient who waits. The hold keeps the time: nobody else can book it, and no other hold can have it.
 * A hold has one open offer or, if its time is offered to all who fit, several; only one of them is accepted.
 */
@Index('waitlist_offer_entry', ['entryId'], { unique: true, where: `state = 'OPEN'` })
@Index('waitlist_offer_time', ['holdId'], { unique: true, where: `state = 'OPEN' AND NOT to_all` })
@Index('waitlist_offer_winner', ['holdId'], { unique: true, where: `state = 'ACCEPTED'` })
@Index('waitlist_offer_hold', ['holdId'])
@Index('waitlist_offer_history', ['entryId', 'doctorId', 'startAt'])
@Index('waitlist_offer_expiry', ['expiresAt'], { where: `state = 'OPEN'` })
@Entity('waitlist_offer')
export class WaitlistOffer {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('waitlist_entry', { onDelete: 'CASCADE' })
  @Column('uuid')
  entryId: string;

  @ForeignKey('clinic')
  @Column('uuid')
  clinicId: string;

  @ForeignKey('doctor')
  @Column('uuid')
  doctorId: string;

  /** No foreign key: the row of the hold is deleted when the time is booked or free again. */
  @Column('uuid')
  holdId: string;

  @Column('timestamptz')
  startAt: Date;

  @Column('timestamptz')
  endAt: Date;

  @Column('timestamptz')
  expiresAt: Date;

  /** The time is offered to all who fit, and the first who accepts gets it. */
  @Column('boolean', { default: false })
  toAll: boolean;

  @Check('waitlist_offer_state_check', isOneOf('state', OFFER_STATES))
  @Column('text', { default: 'OPEN' })
  state: OfferState;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
