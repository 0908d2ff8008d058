import { Inject, Injectable } from '@nestjs/common';
import { countryOfZone } from '../../core/kernel/country.js';
import { regionOf } from '../../core/kernel/locale.js';
import { toE164 } from '../../core/kernel/phone.js';
import type { FactsOfAppointment } from '../appointments/index.js';
import {
  outcomeOfError,
  type Channel,
  type ChannelName,
  type OutgoingMessage,
  type SendOutcome,
} from './channels/channel.js';
import { OUTSIDE_CHANNELS } from './channels/channels.module.js';
import { DeliveriesRepository, type Delivery, type Ending } from './deliveries.repository.js';
import { Messages } from './messages.js';
import { afterFailure } from './notifications.rules.js';
import type { Rendered } from './templates/templates.js';
import { NOTHING_NEW } from './verdict.js';

/** Brings a message to a provider and says what became of it. */
@Injectable()
export class Outlets {
  private readonly channels: ReadonlyMap<ChannelName, Channel>;

  constructor(
    @Inject(OUTSIDE_CHANNELS) channels: Channel[],
    private readonly messages: Messages,
    private readonly deliveries: DeliveriesRepository,
  ) {
    this.channels = new Map(channels.map((channel) => [channel.name, channel]));
  }

  /** Whether the channel's provider would be asked now. */
  isReady(name: ChannelName): boolean {
    return (this.channels.get(name)?.pausedSeconds() ?? 0) === 0;
  }

  atOnce(name: ChannelName): number {
    return this.channels.get(name)?.atOnce ?? 1;
  }

  async send(delivery: Delivery, appointment: FactsOfAppointment | undefined): Promise<Ending> {
    const channel = this.channels.get(delivery.channel);
    const addresses = addressesOf(delivery);
    if (!channel) return { state: 'FAILED', reason: 'CHANNEL_NOT_CONFIGURED' };
    if (addresses.length === 0) return { state: 'SKIPPED', reason: reasonForNone(delivery) };
    if (!(await this.messages.isNews(delivery, appointment))) return NOTHING_NEW;
    const message = await this.compose(delivery, appointment);
    const outcomes = await Promise.all(addresses.map((to) => this.sendOne(channel, { ...message, to }, delivery)));
    return endingOf(outcomes, delivery.attempts);
  }

  /** A later attempt first asks, where the provider can be asked, whether an earlier one arrived after all. */
  private async sendOne(channel: Channel, message: OutgoingMessage, delivery: Delivery): Promise<SendOutcome> {
    const wasTried = delivery.attempts > 1 || delivery.reason !== null;
    const found = wasTried ? await this.findSent(channel, message, delivery) : null;
    if (found) return found;
    const outcome = await channel.send(message);
    if (outcome.kind === 'REJECTED' && outcome.addressIsDead && delivery.channel === 'PUSH') {
      await this.deliveries.dropDevice(message.to);
    }
    return outcome;
  }

  /** What carries these words and was marked as another message's is not ours. */
  private async findSent(
    channel: Channel,
    message: OutgoingMessage,
    { createdAt }: Delivery,
  ): Promise<SendOutcome | null> {
    const ids = (await channel.findSent?.(message, createdAt).catch(outcomeOfError)) ?? [];
    if (!Array.isArray(ids)) return ids;
    const [providerId] = ids.length > 0 ? await this.deliveries.ofNobody(ids) : [];
    return providerId === undefined ? null : { kind: 'SENT', providerId };
  }

  private async compose(
    delivery: Delivery,
    appointment: FactsOfAppointment | undefined,
  ): Promise<Omit<OutgoingMessage, 'to'>> {
    const { id, locale, channel, kind, appointmentId } = delivery;
    if (kind === 'EMAIL_VERIFICATION') return { id, locale, ...this.messages.verification(delivery) };
    if (channel !== 'EMAIL') {
      const data = { kind, ...(appointmentId && { appointmentId }) };
      const words = ({ title, short }: Rendered) => ({ subject: title, text: short });
      return { id, locale, data, ...(await this.messages.render(delivery, appointment, words)) };
    }
    const mail = ({ subject, text, html, calendar }: Rendered) => ({
      subject,
      text,
      html,
      ...(calendar && {
        calendarMethod: calendar.method,
        attachments: [{ filename: 'invite.ics', contentType: 'text/calendar', content: calendar.content }],
      }),
    });
    const unsubscribeUrl = this.messages.unsubscribeUrl(delivery.userId, kind);
    return { id, locale, unsubscribeUrl, ...(await this.messages.render(delivery, appointment, mail)) };
  }
}

function addressesOf(delivery: Delivery): string[] {
  const { channel, email, phone, deviceTokens } = delivery;
  if (channel === 'PUSH') return deviceTokens;
  const address = channel === 'EMAIL' ? email : phone && smsNumber(phone, delivery);
  return address ? [address] : [];
}

/** Twilio takes E.164 only. Rows from before numbers were stored so have what somebody typed. */
const smsNumber = (phone: string, { clinicCountry, timeZone, locale }: Delivery): string | null =>
  toE164(phone, [clinicCountry, countryOfZone(timeZone), regionOf(locale)]);

const reasonForNone = ({ channel, phone }: Delivery): string =>
  channel === 'SMS' && phone !== null ? 'INVALID_NUMBER' : 'NO_ADDRESS';

/** A push that reached one of several devices was sent. */
function endingOf(outcomes: SendOutcome[], attempts: number): Ending {
  const sent = outcomes.find((outcome) => outcome.kind === 'SENT');
  if (sent) return { state: 'SENT', providerId: sent.providerId };
  const retry = outcomes.find((outcome) => outcome.kind === 'RETRY');
  if (retry) return afterFailure(attempts, retry.reason, retry.retryAfterSeconds);
  const unavailable = outcomes.find((outcome) => outcome.kind === 'UNAVAILABLE');
  if (unavailable) return { state: 'UNTRIED', retryAfterSeconds: unavailable.retryAfterSeconds };
  return { state: 'FAILED', reason: outcomes[0]?.kind === 'REJECTED' ? outcomes[0].reason : 'REJECTED' };
}
