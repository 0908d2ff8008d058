import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm';

/**
 * The position of an audit row in the hash chain of its clinic and UTC day. Triggers prevent updates and deletes.
 * @see link-hash.ts
 */
@Unique('audit_link_position', ['clinicId', 'day', 'position'])
@Entity('audit_link')
export class AuditLink {
  /** Not a foreign key: the link stays when the month of its row is archived. */
  @PrimaryColumn('uuid')
  auditId: string;

  /** The nil UUID for rows without a clinic. */
  @Column('uuid')
  clinicId: string;

  /** The UTC day of `occurred_at`. */
  @Column('date')
  day: string;

  /** From 1, without gaps. */
  @Check('audit_link_position_check', 'position > 0')
  @Column('int')
  position: number;

  @Check('audit_link_previous_hash_check', 'length(previous_hash) = 32')
  @Column('bytea')
  previousHash: Buffer;

  @Check('audit_link_hash_check', 'length(hash) = 32')
  @Column('bytea')
  hash: Buffer;
}
