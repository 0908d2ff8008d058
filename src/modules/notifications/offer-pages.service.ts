import { Injectable } from '@nestjs/common';
import { DomainError } from '../../core/kernel/domain-error.js';
import { isId } from '../../core/kernel/id.js';
import { OfferDetailsReader, OffersService, type OfferDetails } from '../waitlist/index.js';
import type { PageFacts } from './link-pages.js';
import { isOfferLink, LinkTokens, type OfferLink } from './link-tokens.js';
import { toActor } from './linked-appointments.js';
import { UNKNOWN_PAGE, type LinkPage } from './links.service.js';
import { NotificationsRepository, type LinkUser } from './notifications.repository.js';

interface LinkedOffer {
  offer: OfferDetails;
  user: LinkUser;
  facts: PageFacts;
}

/** The pages of the links in messages that offer a freed time. */
@Injectable()
export class OfferPages {
  constructor(
    private readonly tokens: LinkTokens,
    private readonly offers: OfferDetailsReader,
    private readonly answers: OffersService,
    private readonly notifications: NotificationsRepository,
  ) {}

  /** Changes nothing, because mail programs and virus scanners open links. @returns null if the token is not of an offer */
  async show(token: string): Promise<LinkPage | null> {
    const link = this.tokens.read(token);
    if (!link || !isOfferLink(link)) return null;
    const linked = await this.find(link);
    if (!linked) return UNKNOWN_PAGE;
    const { offer, facts } = linked;
    if (offer.isClosed) return { kind: 'OFFER_CLOSED', status: 410, facts };
    if (!offer.isOpen) return { kind: 'OFFER_OVER', status: 410, facts };
    return { kind: link.action === 'accept-offer' ? 'ACCEPT_OFFER' : 'DECLINE_OFFER', status: 200, facts };
  }

  /** One click answers. @returns null if the token is not of an offer */
  async act(token: string): Promise<LinkPage | null> {
    const link = this.tokens.read(token);
    if (!link || !isOfferLink(link)) return null;
    const linked = await this.find(link);
    if (!linked) return UNKNOWN_PAGE;
    const { offer, user, facts } = linked;
    const accepts = link.action === 'accept-offer';
    try {
      if (accepts) await this.answers.accept(toActor(user), offer.entryId, { offerId: offer.id });
      else await this.answers.decline(toActor(user), offer.entryId, { offerId: offer.id });
      return { kind: accepts ? 'OFFER_ACCEPTED' : 'OFFER_DECLINED', status: 200, facts };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (isClosed(error)) return { kind: 'OFFER_CLOSED', status: 410, facts };
      if (OVER.includes(error.code)) return { kind: 'OFFER_OVER', status: 410, facts };
      if (REFUSED.includes(error.code)) return { kind: 'OFFER_REFUSED', status: 422, facts };
      throw error;
    }
  }

  /** Null if the offer is unknown, or its recipient may not act for the patient any more. */
  private async find({ offerId, guardianUserId }: OfferLink): Promise<LinkedOffer | null> {
    const [offer] = isId(offerId) ? await this.offers.find([offerId]) : [];
    if (!offer || (guardianUserId && !offer.guardianUserIds.includes(guardianUserId))) return null;
    const user = await this.notifications.findLinkUser(guardianUserId ?? offer.clientUserId);
    if (!user) return null;
    const { clinicName, clinicPhone, doctorName } = offer;
    const start = offer.startAt.getTime();
    return {
      offer,
      user,
      facts: { locale: user.locale, timeZone: user.timeZone, clinicName, clinicPhone, doctorName, start },
    };
  }
}

const OVER: readonly string[] = ['HOLD_EXPIRED', 'INVALID_TRANSITION', 'NOT_FOUND'];
const REFUSED: readonly string[] = [
  'SLOT_NOT_OFFERED',
  'APPOINTMENT_CONFLICT',
  'CANCELLATION_TOO_LATE',
  'PAYMENT_REQUIRED',
];

/** The time was closed; the patient waits on. */
const isClosed = ({ code, details }: DomainError): boolean =>
  code === 'HOLD_EXPIRED' && (details as { reason?: string } | undefined)?.reason === 'CLOSED';
