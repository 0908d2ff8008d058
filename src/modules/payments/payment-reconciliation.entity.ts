import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A day (UTC) whose payments were compared with the provider's list. A day without a row is compared by the next run. */
@Entity('payment_reconciliation')
export class PaymentReconciliation {
  @PrimaryColumn('text')
  provider: string;

  @PrimaryColumn('date')
  day: string;

  /** The payments of the provider's list. */
  @Column('int')
  checked: number;

  /** Those of which CareSlot did not know yet. */
  @Column('int')
  repaired: number;

  @Column('int')
  quarantined: number;

  @Column('timestamptz')
  finishedAt: Date;
}
