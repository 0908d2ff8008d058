import { Inject, Injectable } from '@nestjs/common';
import { countryOfZone } from '../../core/kernel/country.js';
import { getRegion } from '../../core/kernel/locale.js';
import { toE164 } from '../../core/kernel/phone.js';
import type { AppointmentDetails } from '../appointments/index.js';
import {
  outcomeOfError,
  type Channel,
  type ChannelName,
  type OutgoingMessage,
  type SendOutcome,
} from './channels/channel.js';
import { PROVIDER_CHANNELS } from './channels/channels.module.js';
import { NOTHING_NEW, retryOrFail } from './deliverability.js';
import { DeliveriesRepository, type Delivery, type DeliveryResult } from './deliveries.repository.js';
import { MessageRenderer } from './message-renderer.js';

/** Renders a delivery, hands it to the provider of its channel and returns the result. */
@Injectable()
export class ChannelDispatcher {
  private readonly channels: ReadonlyMap<ChannelName, Channel>;

  constructor(
    @Inject(PROVIDER_CHANNELS) channels: Channel[],
    private readonly renderer: MessageRenderer,
    private readonly deliveries: DeliveriesRepository,
  ) {
    this.channels = new Map(channels.map((channel) => [channel.name, channel]));
  }

  /** Returns false while the provider is unavailable or has asked us to wait. */
  isReady(name: ChannelName): boolean {
    return (this.channels.get(name)?.pausedSeconds() ?? 0) === 0;
  }

  /** How many messages this process sends at once through this channel. */
  concurrency(name: ChannelName): number {
    return this.channels.get(name)?.concurrency ?? 1;
  }

  /** @throws RenderingFailed */
  async dispatch(delivery: Delivery, appointment: AppointmentDetails | undefined): Promise<DeliveryResult> {
    if (delivery.channel === 'IN_APP') return this.toInbox(delivery, appointment);
    const channel = this.channels.get(delivery.channel);
    if (!channel) return { state: 'FAILED', reason: 'CHANNEL_NOT_CONFIGURED' };
    const addresses = recipientAddresses(delivery);
    if (addresses.length === 0) return { state: 'SKIPPED', reason: missingAddressReason(delivery) };
    if (!(await this.renderer.hasNews(delivery, appointment))) return NOTHING_NEW;
    const message = await this.renderer.message(delivery, appointment);
    const outcomes = await Promise.all(addresses.map((to) => this.send(channel, { ...message, to }, delivery)));
    return toResult(outcomes, delivery.attempts);
  }

  /** The inbox is a table: saving the result puts the text there. */
  private async toInbox(delivery: Delivery, appointment: AppointmentDetails | undefined): Promise<DeliveryResult> {
    if (!(await this.renderer.hasNews(delivery, appointment))) return NOTHING_NEW;
    return { state: 'SENT', providerId: null, inboxText: await this.renderer.inboxText(delivery, appointment) };
  }

  /** Before a second attempt, a provider that can list its messages is asked whether the first one arrived after all. */
  private async send(channel: Channel, message: OutgoingMessage, delivery: Delivery): Promise<SendOutcome> {
    const wasAttempted = delivery.attempts > 1 || delivery.reason !== null;
    const earlier = wasAttempted ? await this.findEarlierAttempt(channel, message, delivery) : null;
    if (earlier) return earlier;
    const outcome = await channel.send(message);
    if (outcome.kind === 'REJECTED' && outcome.addressIsDead && delivery.channel === 'PUSH') {
      await this.deliveries.deleteDevice(message.to);
    }
    return outcome;
  }

  /** A message with the same text that belongs to another delivery is not counted. */
  private async findEarlierAttempt(
    channel: Channel,
    message: OutgoingMessage,
    { createdAt }: Delivery,
  ): Promise<SendOutcome | null> {
    const ids = (await channel.findSent?.(message, createdAt).catch(outcomeOfError)) ?? [];
    if (!Array.isArray(ids)) return ids;
    const [providerId] = ids.length > 0 ? await this.deliveries.findUnassignedProviderIds(ids) : [];
    return providerId === undefined ? null : { kind: 'SENT', providerId };
  }
}

function recipientAddresses(delivery: Delivery): string[] {
  const { channel, email, phone, deviceTokens } = delivery;
  if (channel === 'PUSH') return deviceTokens;
  const address = channel === 'EMAIL' ? email : phone && toSmsNumber(phone, delivery);
  return address ? [address] : [];
}

/** Twilio takes E.164 only. Old rows contain numbers as they were typed. */
const toSmsNumber = (phone: string, { clinicCountry, timeZone, locale }: Delivery): string | null =>
  toE164(phone, [clinicCountry, countryOfZone(timeZone), getRegion(locale)]);

const missingAddressReason = ({ channel, phone }: Delivery): string =>
  channel === 'SMS' && phone !== null ? 'INVALID_NUMBER' : 'NO_ADDRESS';

/** A push that reached at least one of several devices is sent. */
function toResult(outcomes: SendOutcome[], attempts: number): DeliveryResult {
  const sent = outcomes.find((outcome) => outcome.kind === 'SENT');
  if (sent) return { state: 'SENT', providerId: sent.providerId };
  const retry = outcomes.find((outcome) => outcome.kind === 'RETRY');
  if (retry) return retryOrFail(attempts, retry.reason, retry.retryAfterSeconds);
  const unavailable = outcomes.find((outcome) => outcome.kind === 'UNAVAILABLE');
  if (unavailable) return { state: 'POSTPONED', retryAfterSeconds: unavailable.retryAfterSeconds };
  return { state: 'FAILED', reason: outcomes[0]?.kind === 'REJECTED' ? outcomes[0].reason : 'REJECTED' };
}
