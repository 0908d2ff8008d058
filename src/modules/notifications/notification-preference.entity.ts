import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import type { ChannelName } from './channels/channel.js';
import type { NotificationKind } from './templates/message-kinds.js';

/** Minutes of the recipient's local day; the end may be on the next day. */
interface QuietHours {
  start: number;
  end: number;
}

export interface Preferences {
  channels: Partial<Record<NotificationKind, ChannelName[]>>;
  quietHours: QuietHours | null;
}

@Check('notification_preference_check', '(quiet_start IS NULL) = (quiet_end IS NULL)')
@Entity('notification_preference')
export class NotificationPreference {
  @ForeignKey('user_account')
  @PrimaryColumn('uuid')
  userId: string;

  /** The channels of each kind that was set; other kinds have their defaults. */
  @Column('jsonb', { default: () => "'{}'" })
  channels: Preferences['channels'];

  /** Minutes of the user's local day. */
  @Check('notification_preference_quiet_start_check', 'quiet_start BETWEEN 0 AND 1439')
  @Column('smallint', { nullable: true })
  quietStart: number | null;

  @Check('notification_preference_quiet_end_check', 'quiet_end BETWEEN 0 AND 1439')
  @Column('smallint', { nullable: true })
  quietEnd: number | null;

  @Column('int', { default: 1 })
  version: number;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt: Date;
}
