import { Injectable } from '@nestjs/common';
import { Config } from '../../core/config/config.js';
import type { Actor } from '../../core/kernel/actor.js';
import { mailAddress } from '../../core/kernel/email.js';
import { notFound } from '../../core/kernel/domain-error.js';
import { getLanguage } from '../../core/kernel/locale.js';
import { AppointmentDetailsRepository, AppointmentsService } from '../appointments/index.js';
import { calendarFile } from './calendar-file.js';
import { CalendarsRepository } from './calendars.repository.js';
import { toCalendarVisit, toDoctorEvent, toInitials, toPatientEvent } from './visit-events.js';

/** Creates the calendar file of one appointment. */
@Injectable()
export class AppointmentCalendarsService {
  constructor(
    private readonly config: Config,
    private readonly appointments: AppointmentsService,
    private readonly details: AppointmentDetailsRepository,
    private readonly calendars: CalendarsRepository,
  ) {}

  /**
   * The file that adds the appointment to a calendar or, if it is cancelled, removes it. For the doctor, the patient is shown by initials;
   * the patient and the front desk get the patient's entry. Audits the read.
   */
  async get(actor: Actor, id: string): Promise<string> {
    const { status, updatedAt, videoUrl } = await this.appointments.get(actor, id);
    const [details] = await this.details.find([id]);
    if (!details) throw notFound();
    const visit = toCalendarVisit(details, videoUrl ?? null);
    const options = {
      language: getLanguage(await this.calendars.getLocale(actor.userId)),
      organizerEmail: mailAddress(this.config.MAIL_FROM),
    };
    const event =
      actor.role === 'DOCTOR'
        ? toDoctorEvent(visit, toInitials(...(await this.calendars.getPatientNames(id))), options)
        : toPatientEvent(visit, options);
    const lastChange = updatedAt.getTime();
    const method = status === 'CANCELLED' ? 'CANCEL' : 'PUBLISH';
    return calendarFile([{ ...event, updatedAt: lastChange }], { method, now: lastChange });
  }
}
