import { Injectable } from '@nestjs/common';
import { DomainError } from '../../core/kernel/domain-error.js';
import { AccountLinkTokens, type AccountMessageKind, type LinkAction } from '../account-links/index.js';
import { ClinicsService } from '../clinics/index.js';
import { ReportMails } from '../reports/index.js';
import type { Attachment } from './channels/channel.js';
import type { Delivery } from './deliveries.repository.js';
import { accountMail, accountText } from './templates/account-mail.js';
import type { TemplateFacts } from './templates/template-facts.js';

/** The parts of messages that are about no appointment: about an account, or from a clinic. */
@Injectable()
export class ClinicMessages {
  constructor(
    private readonly clinics: ClinicsService,
    private readonly accountLinkTokens: AccountLinkTokens,
    private readonly reports: ReportMails,
  ) {}

  /** The delivery has the same id as its account link. */
  async renderAccountMessage({ id, locale, channel, clinicId }: Delivery, kind: AccountMessageKind) {
    const clinic = await this.findClinic(clinicId);
    const getUrl = (action: LinkAction): string => this.accountLinkTokens.getUrl(action, id);
    const render = channel === 'SMS' ? accountText : accountMail;
    return render(kind, locale, getUrl, clinic?.name ?? null);
  }

  /** For a message without an appointment. The values of an appointment are placeholders, which its template does not use. */
  async getFacts(delivery: Delivery, unsubscribe: string): Promise<TemplateFacts> {
    const clinic = await this.findClinic(delivery.clinicId);
    const now = delivery.now.getTime();
    const report = delivery.reportId ? await this.reports.getMessage(delivery.reportId, delivery.locale) : null;
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
      until: report?.day ?? delivery.referralUntil,
      refund: delivery.refund,
      links: { unsubscribe },
      note: report?.summary ?? delivery.readNote() ?? '',
    };
  }

  /** The files of a mail that is about no appointment. */
  async getAttachments({ reportId, locale }: Delivery): Promise<Attachment[]> {
    const file = reportId && (await this.reports.getFile(reportId, locale));
    return file ? [file] : [];
  }

  /** The clinic may have been deleted after it sent the message. */
  private async findClinic(id: string | null): Promise<Awaited<ReturnType<ClinicsService['get']>> | null> {
    if (!id) return null;
    try {
      return await this.clinics.get(id);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'NOT_FOUND') return null;
      throw error;
    }
  }
}
