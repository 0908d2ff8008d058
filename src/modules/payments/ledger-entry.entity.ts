import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';
import { SAFE_INTEGER } from '../../core/database/safe-integer.js';
import { LEDGER_ACCOUNTS, LEDGER_EVENTS, type LedgerAccount, type LedgerEvent } from './ledger.js';

/** One line of the double-entry ledger. Triggers prevent updates and deletes, and refuse entries that do not sum to zero. */
@Index('ledger_entry_payment', ['paymentId'])
@Index('ledger_entry_clinic', ['clinicId', 'createdAt'])
@Unique('ledger_entry_once', ['sourceId', 'event', 'account'])
@Entity('ledger_entry')
export class LedgerEntry {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id: string;

  /** The payment or refund that is booked. */
  @Column('uuid')
  sourceId: string;

  @Check('ledger_entry_event_check', isOneOf('event', LEDGER_EVENTS))
  @Column('text')
  event: LedgerEvent;

  @ForeignKey('clinic')
  @Column('uuid')
  clinicId: string;

  @ForeignKey('payment')
  @Column('uuid')
  paymentId: string;

  @Check('ledger_entry_account_check', isOneOf('account', LEDGER_ACCOUNTS))
  @Column('text')
  account: LedgerAccount;

  /** Minor units; debits are positive, credits negative. */
  @Check('ledger_entry_amount_minor_check', 'amount_minor <> 0')
  @Column('bigint', { transformer: SAFE_INTEGER })
  amountMinor: number;

  @Column('char', { length: 3 })
  currency: string;

  @Column('timestamptz')
  createdAt: Date;
}
