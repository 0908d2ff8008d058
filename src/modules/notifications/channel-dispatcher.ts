import { Inject, Injectable } from '@nestjs/common';
import { countryOfZone } from '../../core/kernel/country.js';
import { isUnavailable } from '../../core/kernel/domain-error.js';
import { getRegion } from '../../core/kernel/locale.js';
import { toE164 } from '../../core/kernel/phone.js';
import {
  toFailedOutcome,
  type Channel,
  type ChannelName,
  type OutgoingMessage,
  type SendOutcome,
} from './channels/channel.js';
import { PROVIDER_CHANNELS } from './channels/channels.module.js';
import { NOTHING_NEW, retryOrFail } from './deliverability.js';
import type { DeliveredAppointment } from './delivery-batch.js';
import { DeliveriesRepository, type Delivery, type DeliveryResult } from './deliveries.repository.js';
import { DeliveryRecipients } from './delivery-recipients.js';
import { MessageRenderer } from './message-renderer.js';
import { PreferencesRepository } from './preferences.repository.js';

/** Renders a delivery, sends it through its channel and returns the result. */
@Injectable()
export class ChannelDispatcher {
  private readonly channels: ReadonlyMap<ChannelName, Channel>;

  constructor(
    @Inject(PROVIDER_CHANNELS) channels: Channel[],
    private readonly renderer: MessageRenderer,
    private readonly deliveries: DeliveriesRepository,
    private readonly preferences: PreferencesRepository,
    private readonly recipients: DeliveryRecipients,
  ) {
    this.channels = new Map(channels.map((channel) => [channel.name, channel]));
  }

  /** Returns false while the provider is unavailable or has asked for a pause. */
  isReady(name: ChannelName): boolean {
    return (this.channels.get(name)?.pausedSeconds() ?? 0) === 0;
  }

  /** Returns how many messages this process sends through this channel at the same time. */
  concurrency(name: ChannelName): number {
    return this.channels.get(name)?.concurrency ?? 1;
  }

  /** @throws RenderingError */
  async dispatch(delivery: Delivery, appointment: DeliveredAppointment | undefined): Promise<DeliveryResult> {
    if (!(await this.recipients.mayReceive(delivery))) return { state: 'SKIPPED', reason: 'NOT_RECIPIENT' };
    if (delivery.channel === 'IN_APP') return this.renderInboxEntry(delivery, appointment);
    const channel = this.channels.get(delivery.channel);
    if (!channel) return { state: 'FAILED', reason: 'CHANNEL_NOT_CONFIGURED' };
    const addresses = recipientAddresses(delivery);
    if (addresses.length === 0) return { state: 'SKIPPED', reason: missingAddressReason(delivery) };
    if (await this.renderer.isMoveUndone(delivery, appointment)) return NOTHING_NEW;
    const message = await this.renderer.renderMessage(delivery, appointment);
    const outcomes = await Promise.all(addresses.map((to) => this.send(channel, { ...message, to }, delivery)));
    return toResult(outcomes, delivery.attempts);
  }

  /** The inbox is a table. Saving this result writes the entry. */
  private async renderInboxEntry(
    delivery: Delivery,
    appointment: DeliveredAppointment | undefined,
  ): Promise<DeliveryResult> {
    if (await this.renderer.isMoveUndone(delivery, appointment)) return NOTHING_NEW;
    return { state: 'SENT', providerId: null, inboxText: await this.renderer.renderInboxText(delivery, appointment) };
  }

  /** Before another attempt, asks a provider that can list its messages whether an earlier attempt succeeded. */
  private async send(channel: Channel, message: OutgoingMessage, delivery: Delivery): Promise<SendOutcome> {
    // A replay counts its attempts from zero, but it keeps the reason of the last failure.
    const wasAttempted = delivery.attempts > 1 || delivery.reason !== null;
    const earlier = wasAttempted ? await this.findEarlierAttempt(channel, message, delivery) : null;
    if (earlier) return earlier;
    const outcome = await channel.send(message);
    if (outcome.kind === 'REJECTED' && outcome.addressIsDead && delivery.channel === 'PUSH') {
      await this.deleteDeadDevice(message.to);
    }
    return outcome;
  }

  /** An unavailable database must not fail the delivery: other devices have got the push. The next rejection deletes the device. */
  private async deleteDeadDevice(token: string): Promise<void> {
    try {
      await this.preferences.deleteDeadDevice(token);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
    }
  }

  /** @returns null if no earlier attempt succeeded. A message with the same text that belongs to another delivery is ignored. */
  private async findEarlierAttempt(
    channel: Channel,
    message: OutgoingMessage,
    delivery: Delivery,
  ): Promise<SendOutcome | null> {
    if (!channel.findSent) return null;
    let sentIds: string[];
    try {
      sentIds = await channel.findSent(message, delivery.createdAt);
    } catch (error) {
      return toFailedOutcome(error);
    }
    if (sentIds.length === 0) return null;
    const providerId = await this.deliveries.assignSentMessage(delivery, message.to, sentIds);
    return providerId === null ? null : { kind: 'SENT', providerId };
  }
}

function recipientAddresses(delivery: Delivery): string[] {
  if (delivery.channel === 'PUSH') return delivery.deviceTokens;
  const address = delivery.channel === 'EMAIL' ? delivery.readEmail() : toSmsNumber(delivery);
  return address ? [address] : [];
}

/** Twilio accepts only E.164. Old rows contain numbers as they were typed. */
function toSmsNumber({ readPhone, clinicCountry, timeZone, locale }: Delivery): string | null {
  const phone = readPhone();
  return phone && toE164(phone, [clinicCountry, countryOfZone(timeZone), getRegion(locale)]);
}

const missingAddressReason = ({ channel, readPhone }: Delivery): string =>
  channel === 'SMS' && readPhone() !== null ? 'INVALID_NUMBER' : 'NO_ADDRESS';

/** A push counts as sent if it reached at least one of several devices. */
function toResult(outcomes: SendOutcome[], attempts: number): DeliveryResult {
  const sent = outcomes.find((outcome) => outcome.kind === 'SENT');
  if (sent) return { state: 'SENT', providerId: sent.providerId };
  const retry = outcomes.find((outcome) => outcome.kind === 'RETRY');
  if (retry) return retryOrFail(attempts, retry.reason, retry.retryAfterSeconds);
  const unavailable = outcomes.find((outcome) => outcome.kind === 'UNAVAILABLE');
  if (unavailable) return { state: 'POSTPONED', retryAfterSeconds: unavailable.retryAfterSeconds };
  return { state: 'FAILED', reason: outcomes[0]?.kind === 'REJECTED' ? outcomes[0].reason : 'REJECTED' };
}
