import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/** The last receipt number of a clinic. It grows in the transaction that writes the receipt, so no number is lost. */
@Entity('receipt_counter')
export class ReceiptCounter {
  @ForeignKey('clinic')
  @PrimaryColumn('uuid')
  clinicId: string;

  @Check('receipt_counter_last_number_check', 'last_number >= 1')
  @Column('int')
  lastNumber: number;
}
