import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsNotEmpty,
  IsOptional,
  IsString,
  IsUUID,
  MaxLength,
} from 'class-validator';
import { PageQuery } from '../../core/http/page.js';
import { Trimmed } from '../../core/http/text.js';
import { CHANNELS, type ChannelName } from './channels/channel.js';
import { NOTIFICATION_STATES, type NotificationState } from './notification.entity.js';
import { MESSAGE_KINDS, type MessageKind, type NotificationKind } from './templates/message-kinds.js';

/** The kinds that the front desk may send. */
const SENDABLE = ['MESSAGE_FROM_CLINIC'] as const;

/** One entry of the inbox. */
export class NotificationView {
  id: string;
  /** @example APPOINTMENT_REMINDER */
  kind: NotificationKind;
  /** In the recipient's language. @example Your appointment tomorrow at 09:00 */
  title: string;
  body: string;
  appointmentId: string | null;
  clinicId: string | null;
  createdAt: Date;
  readAt: Date | null;
}

/** One delivery in the log, without its text and address. */
export class NotificationLogView {
  id: string;
  userId: string;
  clinicId: string | null;
  appointmentId: string | null;
  /** @example APPOINTMENT_REMINDER */
  kind: MessageKind;
  /** @example EMAIL */
  channel: ChannelName;
  /** FAILED is a dead letter, which can be replayed. @example SENT */
  status: NotificationState;
  /** Why the message was skipped, has failed, or waits for another attempt. @example MOVED */
  reason: string | null;
  /** Minutes before the appointment; 0 for a notice. @example 1440 */
  offsetMinutes: number;
  /** @example 1 */
  attempts: number;
  /** The provider's id of the message. */
  @ApiProperty({ format: 'text' })
  providerId: string | null;
  dueAt: Date;
  sentAt: Date | null;
  createdAt: Date;
}

export class InboxQuery extends PageQuery {
  /** `true` lists only unread messages, `false` only read ones. @example true */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  unread?: boolean;
}

export class LogQuery extends PageQuery {
  @IsOptional()
  @IsIn(NOTIFICATION_STATES)
  status?: NotificationState;

  @IsOptional()
  @IsIn(CHANNELS)
  channel?: ChannelName;

  @IsOptional()
  @IsIn(MESSAGE_KINDS)
  kind?: MessageKind;

  @IsOptional()
  @IsUUID()
  appointmentId?: string;

  @IsOptional()
  @IsUUID()
  clientId?: string;

  @IsOptional()
  @IsUUID()
  clinicId?: string;
}

export class SendNotification {
  /** The sending clinic. */
  @IsUUID()
  clinicId: string;

  /** Patients of that clinic. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(500)
  @ArrayUnique()
  @IsUUID('all', { each: true })
  clientIds: string[];

  /** @example MESSAGE_FROM_CLINIC */
  @IsIn(SENDABLE)
  template: (typeof SENDABLE)[number];

  /** @example ["IN_APP", "EMAIL"] */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(CHANNELS, { each: true })
  channels: ChannelName[];

  /** Sent unchanged, so it should contain no diagnosis. @example Please bring your insurance card. */
  @Trimmed()
  @IsString()
  @IsNotEmpty()
  @MaxLength(1000)
  message: string;
}

export class SentNotificationsView {
  /** The number of messages that were created: one for each client and channel with an address. @example 2 */
  count: number;
}
