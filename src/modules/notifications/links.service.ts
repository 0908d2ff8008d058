import { Injectable } from '@nestjs/common';
import { DomainError } from '../../core/kernel/domain-error.js';
import { isId } from '../../core/kernel/id.js';
import { AppointmentStatusService } from '../appointments/index.js';
import type { PageFacts, PageKind } from './link-pages.js';
import { isOfferLink, LinkTokens, type AppointmentLink } from './link-tokens.js';
import { LinkedAppointments, toActor, type LinkedAppointment } from './linked-appointments.js';
import { NotificationsRepository, type LinkUser } from './notifications.repository.js';
import { PreferencesService } from './preferences.service.js';

export interface LinkPage {
  kind: PageKind;
  status: number;
  facts: PageFacts;
}

export const UNKNOWN_PAGE: LinkPage = { kind: 'UNKNOWN', status: 404, facts: { locale: null } };

/** The pages of the links in messages about appointments, and the actions of their buttons. */
@Injectable()
export class LinksService {
  constructor(
    private readonly tokens: LinkTokens,
    private readonly linked: LinkedAppointments,
    private readonly status: AppointmentStatusService,
    private readonly preferences: PreferencesService,
    private readonly notifications: NotificationsRepository,
  ) {}

  /** Changes nothing, because mail programs and virus scanners open links. */
  async show(token: string): Promise<LinkPage> {
    const link = this.tokens.read(token);
    if (!link || isOfferLink(link)) return UNKNOWN_PAGE;
    if (link.action === 'unsubscribe') {
      const user = await this.findUser(link.userId);
      return user ? { kind: 'UNSUBSCRIBE', status: 200, facts: { locale: user.locale } } : UNKNOWN_PAGE;
    }
    const linked = await this.linked.find(link);
    if (!linked) return UNKNOWN_PAGE;
    if (!this.isValid(link, linked)) return { kind: 'LINK_EXPIRED', status: 410, facts: linked.facts };
    return { kind: link.action === 'confirm' ? 'CONFIRM' : 'CANCEL', status: 200, facts: linked.facts };
  }

  async act(token: string): Promise<LinkPage> {
    const link = this.tokens.read(token);
    if (!link || isOfferLink(link)) return UNKNOWN_PAGE;
    if (link.action === 'unsubscribe') {
      const user = await this.findUser(link.userId);
      if (!user) return UNKNOWN_PAGE;
      await this.preferences.unsubscribe(user.userId, link.kind, user.role);
      return { kind: 'UNSUBSCRIBED', status: 200, facts: { locale: user.locale } };
    }
    return this.actOnAppointment(link);
  }

  private async actOnAppointment(link: AppointmentLink): Promise<LinkPage> {
    const linked = await this.linked.find(link);
    if (!linked) return UNKNOWN_PAGE;
    const { appointment, user, facts } = linked;
    if (!this.isValid(link, linked)) return { kind: 'LINK_EXPIRED', status: 410, facts };
    const { id, version } = appointment;
    const reason = null;
    try {
      if (link.action === 'confirm') await this.status.confirmByClient(toActor(user), id, version, 'LINK');
      else await this.status.cancel(toActor(user), id, { version, reason, via: 'LINK' });
      return { kind: link.action === 'confirm' ? 'CONFIRMED' : 'CANCELLED', status: 200, facts };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      // The appointment has changed since it was read, so the link may no longer be valid.
      if (error.code === 'VERSION_MISMATCH') return this.actOnAppointment(link);
      if (error.code === 'CANCELLATION_TOO_LATE') return { kind: 'TOO_LATE', status: 422, facts };
      if (error.code === 'INVALID_TRANSITION') return { kind: 'LINK_EXPIRED', status: 410, facts };
      throw error;
    }
  }

  private async findUser(userId: string): Promise<LinkUser | null> {
    return isId(userId) ? this.notifications.findLinkUser(userId) : null;
  }

  private isValid(link: AppointmentLink, linked: LinkedAppointment): boolean {
    const isUsed = link.action === 'confirm' && linked.appointment.clientConfirmedAt !== null;
    return this.linked.isUpcoming(link, linked) && !isUsed;
  }
}
