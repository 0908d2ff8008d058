import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';

export const PLATFORMS = ['ANDROID', 'IOS', 'WEB'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** A device that receives push messages. */
@Index('notification_device_session', ['sessionId'])
@Index('notification_device_user', ['userId'])
@Entity('notification_device')
export class NotificationDevice {
  @PrimaryColumn('uuid')
  id: string;

  @ForeignKey('user_account')
  @Column('uuid')
  userId: string;

  @Column('text', { unique: true })
  token: string;

  @Check('notification_device_platform_check', isOneOf('platform', PLATFORMS))
  @Column('text')
  platform: Platform;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @Column('timestamptz', { default: () => 'now()' })
  lastSeenAt: Date;

  /** Null only in rows that an earlier version of CareSlot wrote. Such a device receives nothing. */
  @ForeignKey('session', { onDelete: 'CASCADE' })
  @Column('uuid', { nullable: true })
  sessionId: string | null;
}
