import { Injectable } from '@nestjs/common';
import { AppointmentDetailsRepository, type PreviousDetails, type AppointmentDetails } from '../appointments/index.js';
import { isAccountMessage } from '../account-links/index.js';
import type { OutgoingMessage } from './channels/channel.js';
import type { Delivery } from './deliveries.repository.js';
import type { DeliveredAppointment } from './delivery-batch.js';
import type { InboxText } from './notification-texts.js';
import { ClinicMessages } from './clinic-messages.js';
import { LinkTokens } from './link-tokens.js';
import { OfferFacts } from './offer-facts.js';
import { Templates, type Rendered } from './templates/templates.js';
import type { OtherAppointment, TemplateFacts, VisitFacts } from './templates/template-facts.js';
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
  async isMoveUndone({ notifiedVersion }: Delivery, appointment: DeliveredAppointment | undefined): Promise<boolean> {
    if (!appointment || appointment.together || notifiedVersion === null) return false;
    // Null if there was no move, empty if the moves since that version cancel each other out.
    const previous = await this.appointments.findPrevious(appointment, notifiedVersion);
    return previous !== null && Object.keys(previous).length === 0;
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
      const text = ({ title, short }: Rendered) => ({ subject: title, text: short });
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
    return { id, locale, unsubscribeUrl, ...(await this.render(delivery, appointment, mail)) };
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
    const { notifiedVersion } = delivery;
    const previous =
      notifiedVersion === null || appointment.together
        ? null
        : await this.appointments.findPrevious(appointment, notifiedVersion);
    const others = await this.findOthers(delivery);
    const start = appointment.startAt.getTime();
    const guardianUserId = delivery.userId === appointment.clientUserId ? undefined : delivery.userId;
    const link = (action: 'confirm' | 'cancel'): string =>
      this.linkTokens.url({ action, appointmentId: appointment.id, start, guardianUserId });
    return {
      recipientName: delivery.recipientName,
      ...(guardianUserId && { patientName: appointment.clientName }),
      recipientEmail: delivery.channel === 'EMAIL' ? delivery.readEmail() : null,
      clinicName: appointment.clinicName,
      clinicPhone: appointment.clinicPhone,
      clinicAddress: appointment.clinicAddress,
      doctorName: appointment.doctorName,
      serviceName: appointment.serviceName,
      start,
      end: appointment.endAt.getTime(),
      timeZone: delivery.timeZone,
      clinicTimeZone: appointment.clinicTimeZone,
      mode: appointment.mode,
      videoUrl: appointment.videoUrl,
      status: appointment.status,
      appointmentId: appointment.id,
      version: appointment.version,
      rooms: appointment.rooms,
      ...toPreviousFacts(previous ?? {}),
      ...(others.length > 0 && { others }),
      ...(appointment.cancelReason !== null && { cancelReason: appointment.cancelReason }),
      ...(appointment.together && { together: appointment.together.map(toVisitFacts) }),
      links: {
        // The links are for one appointment: in a message about several, they would be misunderstood.
        ...(!appointment.together &&
          delivery.kind !== 'APPOINTMENT_CANCELLED' && {
            ...(!appointment.clientConfirmedAt && { confirm: link('confirm') }),
            cancel: link('cancel'),
          }),
        chooseTime: appointment.together ? null : this.linkTokens.chooseTimeUrl(appointment, guardianUserId),
        unsubscribe: this.unsubscribeUrl(delivery.userId, kind),
      },
      note: delivery.readNote() ?? '',
    };
  }

  /** The patient's other appointments that were moved or cancelled together with that of the notice. */
  private async findOthers({ kind, appointmentId, version }: Delivery): Promise<OtherAppointment[]> {
    if (!appointmentId || (kind !== 'APPOINTMENT_MOVED' && kind !== 'APPOINTMENT_CANCELLED')) return [];
    const others: OtherAppointment[] = [];
    for (const other of await this.appointments.findChangedTogether(appointmentId, version)) {
      const previous =
        kind === 'APPOINTMENT_MOVED' ? await this.appointments.findPrevious(other, other.version - 1) : null;
      others.push({
        start: other.startAt.getTime(),
        doctorName: other.doctorName,
        ...(previous?.startAt && { previousStart: previous.startAt.getTime() }),
      });
    }
    return others;
  }
}

const toVisitFacts = ({
  id,
  startAt,
  endAt,
  doctorName,
  status,
  version,
  videoUrl,
}: AppointmentDetails): VisitFacts => ({
  ...{ appointmentId: id, start: startAt.getTime(), end: endAt.getTime() },
  ...{ doctorName, status, version, videoUrl },
});

const toPreviousFacts = ({ startAt, doctorName, rooms }: PreviousDetails): Partial<TemplateFacts> => ({
  ...(startAt && { previousStart: startAt.getTime() }),
  ...(doctorName !== undefined && { previousDoctorName: doctorName }),
  ...(rooms && { previousRooms: rooms }),
});
