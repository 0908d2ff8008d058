import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ChannelName } from '../channels/channel.js';

/** A message that was kept instead of sent. Written only outside of production. */
@Entity('dev_mailbox')
export class DevMailboxMessage {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  deliveryId: string;

  @Column('text')
  channel: ChannelName;

  @Column('text')
  recipient: string;

  @Column('text')
  subject: string;

  @Column('text')
  body: string;

  @Column('text', { nullable: true })
  html: string | null;

  @Column('text', { nullable: true })
  calendar: string | null;

  @Column('text', { nullable: true })
  calendarMethod: string | null;

  @Column('text', { nullable: true })
  unsubscribeUrl: string | null;

  @Column('jsonb', { nullable: true })
  data: Record<string, string> | null;

  @Column('text')
  locale: string;

  @Column('timestamptz', { default: () => 'now()' })
  sentAt: Date;
}
