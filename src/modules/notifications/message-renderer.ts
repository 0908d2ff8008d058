import { Injectable } from '@nestjs/common';
import { DomainError } from '../../core/kernel/domain-error.js';
import { ClinicsService } from '../clinics/index.js';
import { AppointmentDetailsRepository, type PreviousDetails, type AppointmentDetails } from '../appointments/index.js';
import { EmailTokens } from '../auth/index.js';
import type { OutgoingMessage } from './channels/channel.js';
import type { Delivery, InboxText } from './deliveries.repository.js';
import { Links } from './links.js';
import { verificationMail } from './templates/verification-mail.js';
import { Templates, type NotificationKind, type Rendered, type TemplateFacts } from './templates/templates.js';

/** A template and its values do not fit, which another attempt would not change. */
export class RenderingFailed extends Error {
  constructor(cause: unknown) {
    super('the message could not be rendered', { cause });
    this.name = 'RenderingFailed';
    // The message of a template's own error may quote personal data; where it happened is enough.
    this.stack = cause instanceof Error ? cause.stack : this.stack;
  }
}

/** Writes the texts of a delivery in the recipient's language. */
@Injectable()
export class MessageRenderer {
  constructor(
    private readonly templates: Templates,
    private readonly clinics: ClinicsService,
    private readonly links: Links,
    private readonly appointments: AppointmentDetailsRepository,
    private readonly emailTokens: EmailTokens,
  ) {}

  /** Returns false for a notice of a move that was undone before the recipient was notified of it. */
  async hasNews({ notifiedVersion }: Delivery, appointment: AppointmentDetails | undefined): Promise<boolean> {
    if (!appointment || notifiedVersion === null) return true;
    const earlier = await this.appointments.findPrevious(appointment, notifiedVersion);
    return earlier === null || Object.keys(earlier).length > 0;
  }

  /** @throws RenderingFailed */
  inboxText(delivery: Delivery, appointment: AppointmentDetails | undefined): Promise<InboxText> {
    return this.render(delivery, appointment, ({ title, text }) => ({ title, body: text }));
  }

  /**
   * The message as its channel needs it: an e-mail with HTML and calendar file, or the short text of an SMS or push.
   * @throws RenderingFailed
   */
  async message(delivery: Delivery, appointment: AppointmentDetails | undefined): Promise<Omit<OutgoingMessage, 'to'>> {
    const { id, locale, channel, kind, appointmentId, userId } = delivery;
    if (kind === 'EMAIL_VERIFICATION') return { id, locale, ...this.verificationMail(delivery) };
    if (channel !== 'EMAIL') {
      const data = { kind, ...(appointmentId && { appointmentId }) };
      const text = ({ title, short }: Rendered) => ({ subject: title, text: short });
      return { id, locale, data, ...(await this.render(delivery, appointment, text)) };
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
    const unsubscribeUrl = this.unsubscribeUrl(userId, kind);
    return { id, locale, unsubscribeUrl, ...(await this.render(delivery, appointment, mail)) };
  }

  /** @param pick the parts that the channel needs; only these are rendered */
  private async render<Parts>(
    delivery: Delivery,
    appointment: AppointmentDetails | undefined,
    pick: (rendered: Rendered) => Parts,
  ): Promise<Parts> {
    const { kind, locale } = delivery;
    if (kind === 'EMAIL_VERIFICATION') throw new RenderingFailed(new Error('this kind is an e-mail only'));
    const facts = appointment
      ? await this.appointmentFacts(delivery, kind, appointment)
      : await this.clinicFacts(delivery, kind);
    try {
      return pick(this.templates.render(kind, locale, facts));
    } catch (error) {
      throw new RenderingFailed(error);
    }
  }

  /** The mail has the id of its verification. */
  private verificationMail({ id, locale }: Delivery) {
    const url = (action: 'verify' | 'disown'): string => this.emailTokens.url(action, id);
    return verificationMail(locale, { verify: url('verify'), disown: url('disown') });
  }

  private unsubscribeUrl(userId: string, kind: NotificationKind): string {
    return this.links.url({ action: 'unsubscribe', userId, kind });
  }

  private async appointmentFacts(
    delivery: Delivery,
    kind: NotificationKind,
    appointment: AppointmentDetails,
  ): Promise<TemplateFacts> {
    const { notifiedVersion } = delivery;
    const earlier =
      notifiedVersion === null ? null : await this.appointments.findPrevious(appointment, notifiedVersion);
    const start = appointment.startAt.getTime();
    const link = (action: 'confirm' | 'cancel'): string =>
      this.links.url({ action, appointmentId: appointment.id, start });
    return {
      recipientName: delivery.recipientName,
      recipientEmail: delivery.email,
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
      status: appointment.status,
      appointmentId: appointment.id,
      version: appointment.version,
      rooms: appointment.rooms,
      ...toPrevious(earlier ?? {}),
      ...(appointment.cancelReason !== null && { cancelReason: appointment.cancelReason }),
      links: {
        ...(delivery.kind !== 'APPOINTMENT_CANCELLED' && {
          ...(!appointment.clientConfirmedAt && { confirm: link('confirm') }),
          cancel: link('cancel'),
        }),
        unsubscribe: this.unsubscribeUrl(delivery.userId, kind),
      },
      ...(delivery.note !== null && { note: delivery.note }),
    };
  }

  /** Of a message that is about no appointment. */
  private async clinicFacts(delivery: Delivery, kind: NotificationKind): Promise<TemplateFacts> {
    const clinic = delivery.clinicId ? await this.clinics.get(delivery.clinicId).catch(nullIfNotFound) : null;
    const now = delivery.now.getTime();
    return {
      recipientName: delivery.recipientName,
      clinicName: clinic?.name ?? '',
      clinicPhone: clinic?.phone ?? null,
      clinicAddress: clinic?.address ?? null,
      doctorName: '',
      serviceName: '',
      start: now,
      end: now,
      timeZone: delivery.timeZone,
      clinicTimeZone: clinic?.timeZone ?? delivery.timeZone,
      mode: 'IN_PERSON',
      status: '',
      appointmentId: delivery.id,
      version: 1,
      links: { unsubscribe: this.unsubscribeUrl(delivery.userId, kind) },
      note: delivery.note ?? '',
    };
  }
}

const toPrevious = ({ startAt, doctorName, rooms }: PreviousDetails): Partial<TemplateFacts> => ({
  ...(startAt && { previousStart: startAt.getTime() }),
  ...(doctorName !== undefined && { previousDoctorName: doctorName }),
  ...(rooms && { previousRooms: rooms }),
});

/** The clinic may have been deleted after it wrote. */
function nullIfNotFound(error: unknown): null {
  if (error instanceof DomainError && error.code === 'NOT_FOUND') return null;
  throw error;
}
