import { Injectable } from '@nestjs/common';
import { DomainError } from '../../core/kernel/domain-error.js';
import { ClinicsService } from '../clinics/index.js';
import { AppointmentFacts, type EarlierFacts, type FactsOfAppointment } from '../appointments/index.js';
import { EmailTokens } from '../auth/index.js';
import type { Delivery } from './deliveries.repository.js';
import { Links } from './links.js';
import { verificationMail, type VerificationMail } from './templates/verification-mail.js';
import { Templates, type NotificationKind, type Rendered, type TemplateFacts } from './templates/templates.js';

/** The words could not be made of the facts, which trying again would not change. */
export class NotRendered extends Error {
  constructor(cause: unknown) {
    super('the message could not be rendered', { cause });
    this.name = 'NotRendered';
    // A template's own message may quote the facts; where it broke is enough.
    this.stack = cause instanceof Error ? cause.stack : this.stack;
  }
}

/** Puts what is known into the words of the recipient's language. */
@Injectable()
export class Messages {
  constructor(
    private readonly templates: Templates,
    private readonly clinics: ClinicsService,
    private readonly links: Links,
    private readonly appointments: AppointmentFacts,
    private readonly emailTokens: EmailTokens,
  ) {}

  /**
   * @param pick the parts that the channel needs; only these are made
   * @throws NotRendered
   */
  async render<Parts>(
    delivery: Delivery,
    appointment: FactsOfAppointment | undefined,
    pick: (rendered: Rendered) => Parts,
  ): Promise<Parts> {
    const { kind } = delivery;
    if (kind === 'EMAIL_VERIFICATION') throw new NotRendered(new Error('this kind is a mail of its own'));
    const facts = appointment
      ? await this.visitFacts(delivery, kind, appointment)
      : await this.clinicFacts(delivery, kind);
    try {
      return pick(this.templates.render(kind, delivery.locale, facts));
    } catch (error) {
      throw new NotRendered(error);
    }
  }

  /** Whether there is something to say: not of a move that was taken back before the recipient was told of it. */
  async isNews({ toldVersion }: Delivery, appointment: FactsOfAppointment | undefined): Promise<boolean> {
    if (!appointment || toldVersion === null) return true;
    const earlier = await this.appointments.earlier(appointment, toldVersion);
    return earlier === null || Object.keys(earlier).length > 0;
  }

  /** The id of the mail is that of the verification. */
  verification({ id, locale }: Delivery): VerificationMail {
    const url = (action: 'verify' | 'disown'): string => this.emailTokens.url(action, id);
    return verificationMail(locale, { verify: url('verify'), disown: url('disown') });
  }

  unsubscribeUrl(userId: string, kind: NotificationKind): string {
    return this.links.url({ action: 'unsubscribe', userId, kind });
  }

  private async visitFacts(
    delivery: Delivery,
    kind: NotificationKind,
    appointment: FactsOfAppointment,
  ): Promise<TemplateFacts> {
    const { toldVersion } = delivery;
    const earlier = toldVersion === null ? null : await this.appointments.earlier(appointment, toldVersion);
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
      ...previousOf(earlier ?? {}),
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

  /** A message that is about no visit. */
  private async clinicFacts(delivery: Delivery, kind: NotificationKind): Promise<TemplateFacts> {
    const clinic = delivery.clinicId ? await this.clinics.get(delivery.clinicId).catch(nullIfGone) : null;
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

const previousOf = ({ startAt, doctorName, rooms }: EarlierFacts): Partial<TemplateFacts> => ({
  ...(startAt && { previousStart: startAt.getTime() }),
  ...(doctorName !== undefined && { previousDoctorName: doctorName }),
  ...(rooms && { previousRooms: rooms }),
});

/** The clinic was closed after it wrote. */
function nullIfGone(error: unknown): null {
  if (error instanceof DomainError && error.code === 'NOT_FOUND') return null;
  throw error;
}
