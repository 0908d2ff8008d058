import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { CHANNELS, type ChannelName } from '../channels/channel.js';

export class DevMailQuery {
  /** Only of this channel.
   * @example 'EMAIL' */
  @IsOptional()
  @IsIn(CHANNELS)
  channel?: ChannelName;

  /** Only to this address, number or device token.
   * @example 'amina@example.org' */
  @IsOptional()
  @IsString()
  @MaxLength(4096)
  to?: string;
}

/** A message that was kept instead of sent. */
export class DevMailView {
  /** @example '019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10' */
  id: string;
  /** @example '019abe4c-7a52-7c61-9d1e-3f1f6b7f8a11' */
  deliveryId: string;
  /** @example 'EMAIL' */
  channel: ChannelName;
  /** @example 'amina@example.org' */
  to: string;
  /** @example 'Your appointment is booked' */
  subject: string;
  /** @example 'Hello Amina, …' */
  text: string;
  /** @example '<p>Hello Amina, …</p>' */
  html: string | null;
  /** The attached invite.ics.
   * @example null */
  calendar: string | null;
  /** @example 'REQUEST' */
  calendarMethod: string | null;
  /** @example null */
  unsubscribeUrl: string | null;
  /** Push only.
   * @example null */
  data: Record<string, string> | null;
  /** @example 'en' */
  locale: string;
  /** @example '2026-11-23T09:00:00.000Z' */
  sentAt: Date;
}
