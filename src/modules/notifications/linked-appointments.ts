import { Injectable } from '@nestjs/common';
import type { Actor } from '../../core/kernel/actor.js';
import { isId, NIL_ID } from '../../core/kernel/id.js';
import { AppointmentDetailsRepository, type AppointmentDetails } from '../appointments/index.js';
import { isUpcoming } from './deliverability.js';
import type { PageFacts } from './link-pages.js';
import { isOfferLink, LinkTokens, type AppointmentLink } from './link-tokens.js';
import { NotificationsRepository, type LinkUser } from './notifications.repository.js';

/** A link to book a cancelled appointment again works for 30 days. */
const REBOOKING_MILLISECONDS = 30 * 86_400_000;

/** The appointment of a link and the recipient of its message. */
export interface LinkedAppointment {
  appointment: AppointmentDetails;
  user: LinkUser;
  facts: PageFacts;
}

/** Reads the links of appointments, and what their pages show. */
@Injectable()
export class LinkedAppointments {
  constructor(
    private readonly tokens: LinkTokens,
    private readonly appointments: AppointmentDetailsRepository,
    private readonly notifications: NotificationsRepository,
  ) {}

  /** @returns null if it is not a link of an appointment */
  readLink(token: string): AppointmentLink | null {
    const link = this.tokens.read(token);
    return link && link.action !== 'unsubscribe' && !isOfferLink(link) ? link : null;
  }

  async find(link: AppointmentLink): Promise<LinkedAppointment | null> {
    const [appointment] = isId(link.appointmentId) ? await this.appointments.find([link.appointmentId]) : [];
    const userId = link.guardianUserId ?? appointment?.clientUserId;
    const user = appointment && userId ? await this.notifications.findLinkUser(userId) : null;
    if (!appointment || !user) return null;
    // Who may no longer act for the patient does not see when and where the patient is.
    const facts = mayUse(link, appointment) ? toFacts(appointment, user) : { locale: user.locale };
    return { appointment, user, facts };
  }

  /** What a page shows the same user about another appointment of the patient. */
  async findFacts(appointmentId: string, user: LinkUser): Promise<{ status: string; facts: PageFacts } | null> {
    const [appointment] = await this.appointments.find([appointmentId]);
    return appointment ? { status: appointment.status, facts: toFacts(appointment, user) } : null;
  }

  /** Whether the appointment is still to come, at the time of the link. */
  isUpcoming(link: AppointmentLink, linked: LinkedAppointment): boolean {
    return isUpcoming(linked.appointment) && this.isValid(link, linked) && !this.tokens.isPast(link.start);
  }

  /** Whether the appointment was cancelled, not too long ago. */
  isRebookable(link: AppointmentLink, linked: LinkedAppointment): boolean {
    const { status, cancelledAt } = linked.appointment;
    if (status !== 'CANCELLED' || !cancelledAt || !this.isValid(link, linked)) return false;
    return !this.tokens.isPast(cancelledAt.getTime() + REBOOKING_MILLISECONDS);
  }

  /** Whether the recipient may still act for the patient. */
  mayUse(link: AppointmentLink, { appointment }: LinkedAppointment): boolean {
    return mayUse(link, appointment);
  }

  /** Whether the recipient may act, and the appointment still has the start time of the link. */
  private isValid(link: AppointmentLink, linked: LinkedAppointment): boolean {
    return this.mayUse(link, linked) && linked.appointment.startAt.getTime() === link.start;
  }
}

const mayUse = ({ guardianUserId }: AppointmentLink, { guardianUserIds }: AppointmentDetails): boolean =>
  !guardianUserId || guardianUserIds.includes(guardianUserId);

const toFacts = (
  { clinicName, clinicPhone, doctorName, startAt }: AppointmentDetails,
  { locale, timeZone }: LinkUser,
): PageFacts => ({ locale, timeZone, clinicName, clinicPhone, doctorName, start: startAt.getTime() });

/** The actor of a link: it has the permissions of the recipient (the patient or a guardian), but no session. */
export const toActor = ({ userId, clientId }: LinkUser): Actor => ({
  userId,
  clientId,
  sessionId: NIL_ID,
  role: 'CLIENT',
  doctorId: null,
  clinicIds: [],
});
