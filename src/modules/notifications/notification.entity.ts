import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { isOneOf } from '../../core/database/checks.js';
import { type ChannelName, CHANNELS } from './channels/channel.js';

export const NOTIFICATION_STATES = ['PENDING', 'SENDING', 'SENT', 'SKIPPED', 'FAILED'] as const;
export type NotificationState = (typeof NOTIFICATION_STATES)[number];

/**
 * A delivery: one notification to one user by one channel (docs/glossary.md). In the API, `state` is called status, and in the
 * request to send a message, `kind` is called template and `note` message.
 *
 * Partitioned by the month of the id. Unique indexes by what a message is about are in each partition (message-keys.ts).
 */
@Index('notification_clinic', ['clinicId', 'id'])
@Index('notification_dead_letter', ['clinicId', 'id'], { where: `state = 'FAILED'` })
@Index('notification_due', ['channel', 'nextAttemptAt'], { where: `state IN ('PENDING', 'SENDING')` })
@Index('notification_inbox', ['userId', 'id'], { where: `channel = 'IN_APP' AND state = 'SENT'` })
@Index('notification_sms', ['providerId'], { where: `channel = 'SMS'` })
@Entity('notification')
export class Notification {
  @PrimaryColumn('uuid', { default: () => 'uuid7()' })
  id: string;

  @ForeignKey('user_account')
  @Column('uuid')
  userId: string;

  @ForeignKey('clinic')
  @Column('uuid', { nullable: true })
  clinicId: string | null;

  @ForeignKey('appointment')
  @Column('uuid', { nullable: true })
  appointmentId: string | null;

  /** The offer of the waitlist that the message is about. */
  @ForeignKey('waitlist_offer', { onDelete: 'SET NULL' })
  @Column('uuid', { nullable: true })
  offerId: string | null;

  /** All appointments that a notice is about, if they are several; otherwise empty. */
  @Column('uuid', { array: true, default: () => "'{}'" })
  appointmentIds: string[];

  /** The versions of these appointments. */
  @Column('int', { array: true, default: () => "'{}'" })
  appointmentVersions: number[];

  /** The referral that a reminder is about. */
  @ForeignKey('referral', { onDelete: 'SET NULL' })
  @Column('uuid', { nullable: true })
  referralId: string | null;

  /** The refund that the message is about. */
  @ForeignKey('payment_refund')
  @Column('uuid', { nullable: true })
  refundId: string | null;

  /** The daily report that the message is about. */
  @ForeignKey('daily_report')
  @Column('uuid', { nullable: true })
  reportId: string | null;

  @Column('text')
  kind: string;

  @Check('notification_channel_check', isOneOf('channel', CHANNELS))
  @Column('text')
  channel: ChannelName;

  /** For a reminder: how long before the appointment. */
  @Column('int', { default: 0 })
  offsetMinutes: number;

  /** For a notice: the version of the appointment after the change. For a reminder: its schedule version. Otherwise 0. */
  @Column('int', { default: 0 })
  version: number;

  /** The text that the front desk wrote, encrypted. */
  @Column('bytea', { name: 'note', nullable: true })
  encryptedNote: Buffer | null;

  @Check('notification_state_check', isOneOf('state', NOTIFICATION_STATES))
  @Column('text', { default: 'PENDING' })
  state: NotificationState;

  @Column('text', { nullable: true })
  reason: string | null;

  /** When it is to be sent. */
  @Column('timestamptz')
  dueAt: Date;

  /** When it may be claimed; while a process has claimed it, the end of the lease. */
  @Column('timestamptz')
  nextAttemptAt: Date;

  /** The number of claims. A process whose lease ran out cannot save its result, because another claim has changed this number. */
  @Column('int', { default: 0 })
  attempts: number;

  @Column('text', { nullable: true })
  providerId: string | null;

  @Column('bytea', { name: 'title', nullable: true })
  encryptedTitle: Buffer | null;

  @Column('bytea', { name: 'body', nullable: true })
  encryptedBody: Buffer | null;

  @Column('timestamptz', { nullable: true })
  sentAt: Date | null;

  @Column('timestamptz', { nullable: true })
  readAt: Date | null;

  @ForeignKey('user_account')
  @Column('uuid', { nullable: true })
  createdBy: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
