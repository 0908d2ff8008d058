import { Injectable } from '@nestjs/common';
import { DomainError } from '../../core/kernel/domain-error.js';
import { isId, NIL_ID } from '../../core/kernel/id.js';
import type { Actor } from '../../core/kernel/actor.js';
import {
  AppointmentDetailsRepository,
  AppointmentStatusService,
  type AppointmentDetails,
} from '../appointments/index.js';
import type { PageFacts, PageKind } from './link-pages.js';
import { Links, type AppointmentAction, type AppointmentLink } from './links.js';
import { NotificationsRepository, type Reader } from './notifications.repository.js';
import { PreferencesService } from './preferences.service.js';

export interface LinkAnswer {
  kind: PageKind;
  status: number;
  facts: PageFacts;
}

interface Visit {
  appointment: AppointmentDetails;
  reader: Reader;
  facts: PageFacts;
}

const UNKNOWN: LinkAnswer = { kind: 'UNKNOWN', status: 404, facts: { locale: 'en' } };
const ACTIVE_STATUSES = ['PENDING', 'CONFIRMED'];

/** The page of a link in a message, and the action of its button. */
@Injectable()
export class LinksService {
  constructor(
    private readonly links: Links,
    private readonly appointments: AppointmentDetailsRepository,
    private readonly status: AppointmentStatusService,
    private readonly preferences: PreferencesService,
    private readonly notifications: NotificationsRepository,
  ) {}

  /** Changes nothing, because mail programs and virus scanners open links. */
  async show(token: string): Promise<LinkAnswer> {
    const link = this.links.read(token);
    if (!link) return UNKNOWN;
    if (link.action === 'unsubscribe') {
      const reader = await this.findReader(link.userId);
      return reader ? { kind: 'UNSUBSCRIBE', status: 200, facts: { locale: reader.locale } } : UNKNOWN;
    }
    const visit = await this.findVisit(link);
    if (!visit) return UNKNOWN;
    if (!this.isValid(link, visit)) return { kind: 'OVER', status: 410, facts: visit.facts };
    return { kind: link.action === 'confirm' ? 'CONFIRM' : 'CANCEL', status: 200, facts: visit.facts };
  }

  async act(token: string): Promise<LinkAnswer> {
    const link = this.links.read(token);
    if (!link) return UNKNOWN;
    if (link.action === 'unsubscribe') {
      const reader = await this.findReader(link.userId);
      if (!reader) return UNKNOWN;
      await this.preferences.unsubscribe(reader.userId, link.kind, reader.role);
      return { kind: 'UNSUBSCRIBED', status: 200, facts: { locale: reader.locale } };
    }
    const visit = await this.findVisit(link);
    if (!visit) return UNKNOWN;
    if (!this.isValid(link, visit)) return { kind: 'OVER', status: 410, facts: visit.facts };
    return this.actOn(link.action, visit);
  }

  private async actOn(action: AppointmentAction, { appointment, reader, facts }: Visit): Promise<LinkAnswer> {
    const actor = toPatient(reader);
    try {
      if (action === 'confirm') await this.status.confirmByClient(actor, appointment.id, 'LINK');
      else await this.status.cancel(actor, appointment.id, null, null, 'LINK');
      return { kind: action === 'confirm' ? 'CONFIRMED' : 'CANCELLED', status: 200, facts };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (error.code === 'CANCELLATION_TOO_LATE') return { kind: 'TOO_LATE', status: 422, facts };
      if (error.code === 'INVALID_TRANSITION') return { kind: 'OVER', status: 410, facts };
      throw error;
    }
  }

  private async findReader(userId: string): Promise<Reader | null> {
    return isId(userId) ? this.notifications.reader(userId) : null;
  }

  private async findVisit(link: AppointmentLink): Promise<Visit | null> {
    const [appointment] = isId(link.appointmentId) ? await this.appointments.find([link.appointmentId]) : [];
    const reader = appointment && (await this.notifications.reader(appointment.clientUserId));
    if (!appointment || !reader) return null;
    const { clinicName, clinicPhone, doctorName } = appointment;
    const start = appointment.startAt.getTime();
    const facts = { locale: reader.locale, timeZone: reader.timeZone, clinicName, clinicPhone, doctorName, start };
    return { appointment, reader, facts };
  }

  private isValid(link: AppointmentLink, { appointment }: Visit): boolean {
    const isUsed = link.action === 'confirm' && appointment.clientConfirmedAt !== null;
    const isSameTime = appointment.startAt.getTime() === link.start && !this.links.hasStarted(link);
    return ACTIVE_STATUSES.includes(appointment.status) && isSameTime && !isUsed;
  }
}

/** The holder of the link acts with the patient's permissions and without a session. */
const toPatient = ({ userId, clientId }: Reader): Actor => ({
  userId,
  clientId,
  sessionId: NIL_ID,
  role: 'CLIENT',
  doctorId: null,
  clinicIds: [],
});
