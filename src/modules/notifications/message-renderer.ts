import { Injectable } from '@nestjs/common';
import { AppointmentDetailsRepository, type PreviousDetails, type AppointmentDetails } from '../appointments/index.js';
import { isAccountMessage } from '../account-links/index.js';
import type { OutgoingMessage } from './channels/channel.js';
import type { Delivery } from './deliveries.repository.js';
import type { DeliveredAppointment } from './delivery-batch.js';
import type { InboxText } from './notification-texts.js';
import { ClinicMessages } from './clinic-messages.js';
import { isUpcoming } from './deliverability.js';
import { LinkTokens } from './link-tokens.js';
import { OfferFacts } from './offer-facts.js';
import { Templates, type Rendered } from './templates/templates.js';
import type { TemplateFacts, VisitFacts } from './templates/template-facts.js';
import type { NotificationKind } from './templates/message-kinds.js';

/** The message cannot be rendered from its template and values. A retry cannot succeed. */
export class RenderingError extends Error {
  constructor(cause: unknown) {
    super('the message could not be rendered', { cause });
    this.name = 'RenderingError';
    // The stack of the cause shows the place. It begins with the message, which may quote personal data: the logger drops it.
    this.stack = cause instanceof Error ? cause.stack : this.stack;
  }
}

/** Renders the texts of a delivery in the recipient's language. */
@Injectable()
export class MessageRenderer {
  constructor(
    private readonly templates: Templates,
    private readonly clinicMessages: ClinicMessages,
    private readonly linkTokens: LinkTokens,
    private readonly appointments: AppointmentDetailsRepository,
    private readonly offers: OfferFacts,
  ) {}

  /** Returns true for a notice of a move that was undone before the recipient was notified of it. */
  async isMoveUndone(delivery: Delivery, appointment: DeliveredAppointment | undefined): Promise<boolean> {
    if (!appointment || delivery.notifiedVersions === null) return false;
    return (await this.findChanged(delivery, appointment)).length === 0;
  }

  /** @throws RenderingError */
  renderInboxText(delivery: Delivery, appointment: DeliveredAppointment | undefined): Promise<InboxText> {
    return this.render(delivery, appointment, ({ title, text }) => ({ title, body: text }));
  }

  /**
   * Renders an e-mail with HTML and calendar file, or the short text of an SMS or push.
   * @throws RenderingError
   */
  async renderMessage(
    delivery: Delivery,
    appointment: DeliveredAppointment | undefined,
  ): Promise<Omit<OutgoingMessage, 'to'>> {
    const { id, locale, channel, kind, appointmentId, userId } = delivery;
    if (isAccountMessage(kind))
      return { id, locale, ...(await this.clinicMessages.renderAccountMessage(delivery, kind)) };
    if (channel !== 'EMAIL') {
      const data = channel === 'PUSH' && { data: { kind, ...(appointmentId && { appointmentId }) } };
      const text = ({ title, short, sms }: Rendered) => ({ subject: title, text: channel === 'SMS' ? sms : short });
      return { id, locale, ...data, ...(await this.render(delivery, appointment, text)) };
    }
    const mail = ({ subject, text, html, calendar }: Rendered) => ({
      subject,
      text,
      html,
      ...(calendar && {
        ...(calendar.method !== 'PUBLISH' && { calendarMethod: calendar.method }),
        attachments: [{ filename: 'invite.ics', contentType: 'text/calendar', content: calendar.content }],
      }),
    });
    const unsubscribeUrl = this.unsubscribeUrl(userId, kind);
    const files = await this.clinicMessages.getAttachments(delivery);
    const withFiles = files.length > 0 && { attachments: files };
    return { id, locale, unsubscribeUrl, ...(await this.render(delivery, appointment, mail)), ...withFiles };
  }

  /** @param pick returns the parts that the channel needs; only these are rendered */
  private async render<Parts>(
    delivery: Delivery,
    appointment: DeliveredAppointment | undefined,
    pick: (rendered: Rendered) => Parts,
  ): Promise<Parts> {
    const { kind, locale } = delivery;
    if (isAccountMessage(kind)) throw new RenderingError(new Error(`${kind} exists only as an e-mail`));
    const facts = delivery.offerId
      ? await this.offers.find(delivery, delivery.offerId, this.unsubscribeUrl(delivery.userId, kind))
      : appointment
        ? await this.appointmentFacts(delivery, kind, appointment)
        : await this.clinicMessages.getFacts(delivery, this.unsubscribeUrl(delivery.userId, kind));
    try {
      return pick(this.templates.render(kind, locale, facts));
    } catch (error) {
      throw new RenderingError(error);
    }
  }

  private unsubscribeUrl(userId: string, kind: NotificationKind): string {
    return this.linkTokens.url({ action: 'unsubscribe', userId, kind });
  }

  private async appointmentFacts(
    delivery: Delivery,
    kind: NotificationKind,
    appointment: DeliveredAppointment,
  ): Promise<TemplateFacts> {
    const changed = await this.findChanged(delivery, appointment);
    const guardianUserId = delivery.userId === appointment.clientUserId ? undefined : delivery.userId;
    const visits = changed.map(({ visit, previous }) => this.toVisitFacts(visit, previous, guardianUserId));
    const [first] = visits as [VisitFacts];
    return {
      ...first,
      recipientName: delivery.recipientName,
      ...(guardianUserId && { patientName: appointment.clientName }),
      recipientEmail: delivery.channel === 'EMAIL' ? delivery.readEmail() : null,
      clinicName: appointment.clinicName,
      clinicPhone: appointment.clinicPhone,
      clinicAddress: appointment.clinicAddress,
      serviceName: appointment.serviceName,
      timeZone: delivery.timeZone,
      clinicTimeZone: appointment.clinicTimeZone,
      ...(appointment.cancelReason !== null && { cancelReason: appointment.cancelReason }),
      ...(visits.length > 1 && { visits }),
      links: { ...first.links, unsubscribe: this.unsubscribeUrl(delivery.userId, kind) },
      note: delivery.readNote() ?? '',
    };
  }

  /** Returns the appointments of a message; for a notice of moves, only those with something new, and what they were before. */
  private async findChanged(delivery: Delivery, appointment: DeliveredAppointment): Promise<ChangedVisit[]> {
    const visits: AppointmentDetails[] = appointment.together ?? [appointment];
    const { notifiedVersions, appointmentIds } = delivery;
    if (notifiedVersions === null) return visits.map((visit) => ({ visit, previous: {} }));
    const previous = await this.appointments.findPrevious(
      visits.map((appointment) => ({
        appointment,
        version: notifiedVersions[Math.max(0, appointmentIds.indexOf(appointment.id))] ?? 1,
      })),
    );
    // Null if there was no move, empty if the moves since that version cancel each other out.
    return visits
      .map((visit, index) => ({ visit, previous: previous[index] ?? {}, isMoved: previous[index] !== null }))
      .filter(({ previous: before, isMoved }) => !isMoved || Object.keys(before).length > 0);
  }

  /** @param guardianUserId the recipient, if they are not the patient */
  private toVisitFacts(visit: AppointmentDetails, previous: PreviousDetails, guardianUserId?: string): VisitFacts {
    const { id, startAt, endAt, doctorName, status, version, videoUrl, mode, rooms } = visit;
    const start = startAt.getTime();
    const link = (action: 'confirm' | 'cancel'): string =>
      this.linkTokens.url({ action, appointmentId: id, start, guardianUserId });
    return {
      ...{ appointmentId: id, start, end: endAt.getTime(), doctorName, status, version, videoUrl, mode, rooms },
      ...toPreviousFacts(previous),
      links: {
        ...(isUpcoming(visit) && {
          ...(!visit.clientConfirmedAt && { confirm: link('confirm') }),
          cancel: link('cancel'),
        }),
        chooseTime: this.linkTokens.chooseTimeUrl(visit, guardianUserId),
      },
    };
  }
}

/** An appointment of a message, and what it was before a move. */
interface ChangedVisit {
  visit: AppointmentDetails;
  previous: PreviousDetails;
}

const toPreviousFacts = ({ startAt, doctorName, rooms }: PreviousDetails): Partial<TemplateFacts> => ({
  ...(startAt && { previousStart: startAt.getTime() }),
  ...(doctorName !== undefined && { previousDoctorName: doctorName }),
  ...(rooms && { previousRooms: rooms }),
});
