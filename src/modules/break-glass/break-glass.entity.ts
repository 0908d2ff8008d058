import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';

export const BREAK_GLASS_ROLES = ['DOCTOR', 'STAFF'] as const;
export type BreakGlassRole = (typeof BREAK_GLASS_ROLES)[number];

/** The permission of a doctor or a member of the front desk to read the record of somebody who is not their patient, for an hour. */
@Index('break_glass_client', ['clientId', 'id'])
@Index('break_glass_open', ['userId', 'clientId', 'expiresAt'])
@Entity('break_glass')
export class BreakGlass {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('client')
  @Column('uuid')
  clientId: string;

  /** Who opened the record. */
  @ForeignKey('user_account')
  @Column('uuid')
  userId: string;

  /** Their role at that time. With another role, they can no longer read the record. */
  @Check('break_glass_role_check', isOneOf('role', BREAK_GLASS_ROLES))
  @Column('text')
  role: BreakGlassRole;

  /** Their clinics at that time, whose managers were notified. */
  @Column('uuid', { array: true })
  clinicIds: string[];

  /** Encrypted, because it may contain health data. Null after the retention period. */
  @Column('bytea', { nullable: true })
  reason: Buffer | null;

  @Column('timestamptz')
  openedAt: Date;

  @Column('timestamptz')
  expiresAt: Date;
}
