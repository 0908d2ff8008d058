import { Injectable } from '@nestjs/common';
import { OfferDetailsReader } from '../waitlist/index.js';
import type { Delivery } from './deliveries.repository.js';
import { LinkTokens } from './link-tokens.js';
import type { TemplateFacts } from './templates/template-facts.js';

/** The values of messages that offer a freed time. */
@Injectable()
export class OfferFacts {
  constructor(
    private readonly offers: OfferDetailsReader,
    private readonly links: LinkTokens,
  ) {}

  /** @throws Error if the offer was deleted since the delivery was claimed */
  async find(delivery: Delivery, offerId: string, unsubscribe: string): Promise<TemplateFacts> {
    const [offer] = await this.offers.find([offerId]);
    if (!offer) throw new Error('The offer was deleted.');
    const guardianUserId = delivery.userId === offer.clientUserId ? undefined : delivery.userId;
    const link = (action: 'accept-offer' | 'decline-offer'): string =>
      this.links.url({ action, offerId, ...(guardianUserId && { guardianUserId }) });
    return {
      recipientName: delivery.recipientName,
      ...(guardianUserId && { patientName: offer.clientName }),
      clinicName: offer.clinicName,
      clinicPhone: offer.clinicPhone,
      clinicAddress: offer.clinicAddress,
      doctorName: offer.doctorName,
      serviceName: offer.serviceName,
      start: offer.startAt.getTime(),
      end: offer.endAt.getTime(),
      expiresAt: offer.expiresAt.getTime(),
      ...(offer.replacedStart && { replacedStart: offer.replacedStart.getTime() }),
      timeZone: delivery.timeZone,
      clinicTimeZone: offer.clinicTimeZone,
      mode: offer.mode,
      status: '',
      appointmentId: offer.id,
      version: 1,
      links: { accept: link('accept-offer'), decline: link('decline-offer'), unsubscribe },
    };
  }
}
