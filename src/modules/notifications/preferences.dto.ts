import { Type } from 'class-transformer';
import {
  ArrayUnique,
  IsArray,
  IsIn,
  IsNotEmpty,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { CHANNELS, type ChannelName } from './channels/channel.js';
import { type Platform, PLATFORMS } from './notification-device.entity.js';

const LOCAL_TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

export class QuietHoursView {
  /** Local time in the user's zone. @example 22:00 */
  @Matches(LOCAL_TIME, { message: 'must be a local time, HH:mm' })
  start: string;

  /** May be on the next day. @example 07:00 */
  @Matches(LOCAL_TIME, { message: 'must be a local time, HH:mm' })
  end: string;
}

const Channels = (): PropertyDecorator => (target, key) => {
  IsOptional()(target, key);
  IsArray()(target, key);
  ArrayUnique()(target, key);
  IsIn(CHANNELS, { each: true })(target, key);
};

/** The channels of each kind. The inbox always gets every message. */
export class ChannelChoices {
  /** @example ["IN_APP", "EMAIL", "PUSH"] */
  @Channels()
  APPOINTMENT_BOOKED?: ChannelName[];

  /** @example ["IN_APP", "EMAIL", "PUSH"] */
  @Channels()
  APPOINTMENT_CONFIRMED?: ChannelName[];

  /** @example ["IN_APP", "EMAIL", "SMS", "PUSH"] */
  @Channels()
  APPOINTMENT_MOVED?: ChannelName[];

  /** @example ["IN_APP", "EMAIL", "SMS", "PUSH"] */
  @Channels()
  APPOINTMENT_CANCELLED?: ChannelName[];

  /** A cancellation was undone. @example ["IN_APP", "EMAIL", "SMS", "PUSH"] */
  @Channels()
  APPOINTMENT_REINSTATED?: ChannelName[];

  /** @example ["IN_APP", "EMAIL", "SMS"] */
  @Channels()
  APPOINTMENT_REMINDER?: ChannelName[];

  /** A time was freed for somebody on the waitlist. @example ["IN_APP", "EMAIL", "SMS", "PUSH"] */
  @Channels()
  WAITLIST_OFFER?: ChannelName[];

  /** A referral was not used yet. @example ["IN_APP", "EMAIL"] */
  @Channels()
  REFERRAL_REMINDER?: ChannelName[];

  /** A payment is refunded. @example ["IN_APP", "EMAIL"] */
  @Channels()
  PAYMENT_REFUNDED?: ChannelName[];

  /** To managers: the report of yesterday, if the clinic sends it. @example ["IN_APP", "EMAIL"] */
  @Channels()
  DAILY_REPORT?: ChannelName[];

  /** @example ["IN_APP", "EMAIL"] */
  @Channels()
  MESSAGE_FROM_CLINIC?: ChannelName[];
}

export class PreferencesView {
  channels: ChannelChoices;
  /** SMS and push messages wait until they end; null if there are none. */
  quietHours: QuietHoursView | null;
  /** @example 1 */
  version: number;
}

/** Kinds that are left out keep their channels. */
export class ChangePreferences {
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ChannelChoices)
  channels?: ChannelChoices;

  /** null removes the quiet hours. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => QuietHoursView)
  quietHours?: QuietHoursView | null;
}

export class RegisterDevice {
  /** The push token that FCM gave to the app. */
  @IsString()
  @IsNotEmpty()
  @MaxLength(4096)
  @Matches(/^[\x21-\x7e]+$/, { message: 'must be a push token' })
  token: string;

  /** @example ANDROID */
  @IsIn(PLATFORMS)
  platform: Platform;
}

export class ForgetDevice {
  @IsString()
  @IsNotEmpty()
  @MaxLength(4096)
  token: string;
}

export class DeviceView {
  id: string;
  /** @example ANDROID */
  platform: Platform;
  /** Registered by the session of this request. */
  current: boolean;
  createdAt: Date;
  lastSeenAt: Date;
}
