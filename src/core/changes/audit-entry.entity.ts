import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** An audit entry: who did what to which object. Triggers prevent updates and deletes. Partitioned by the month of the id. */
@Index('audit_log_object', ['objectType', 'objectId', 'id'])
@Index('audit_log_time', ['occurredAt', 'id'])
@Index('audit_log_actor', ['actorUserId', 'occurredAt', 'id'])
@Index('audit_log_clinic', ['clinicId', 'occurredAt', 'id'])
// With an operator class for prefixes, which TypeORM cannot declare.
@Index('audit_log_action', { synchronize: false })
@Index('audit_log_api_key', ['apiKeyId', 'occurredAt', 'id'], { where: 'api_key_id IS NOT NULL' })
@Entity('audit_log')
export class AuditEntry {
  @PrimaryColumn('uuid')
  id: string;

  @Column('timestamptz', { default: () => 'now()' })
  occurredAt: Date;

  @Column('uuid', { nullable: true })
  actorUserId: string | null;

  @Column('text', { nullable: true })
  actorRole: string | null;

  @Column('text')
  action: string;

  @Column('text')
  objectType: string;

  @Column('uuid')
  objectId: string;

  @Column('uuid', { nullable: true })
  clinicId: string | null;

  @Column('bytea', { nullable: true })
  beforeHash: Buffer | null;

  @Column('bytea', { nullable: true })
  afterHash: Buffer | null;

  @Column('jsonb', { nullable: true })
  changes: object | null;

  @Column('text', { nullable: true })
  requestId: string | null;

  @Column('text', { nullable: true })
  ip: string | null;

  /** The User-Agent of the request, without control characters. */
  @Column('text', { nullable: true })
  device: string | null;

  /** The API key that acted for the account `actorUserId`. */
  @Column('uuid', { nullable: true })
  apiKeyId: string | null;
}
