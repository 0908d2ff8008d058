import { Injectable } from '@nestjs/common';
import ical, { ICalCalendarMethod, ICalEventClass, ICalEventStatus, type ICalEventData } from 'ical-generator';
import { Semaphore } from '../../core/concurrency/semaphore.js';
import { RawReply } from '../../core/http/careslot-adapter.js';
import { Clock } from '../../core/kernel/clock.js';
import { toCsv } from '../../core/spreadsheets/csv.js';
import { oneLine } from '../../core/kernel/names.js';
import { dayName, Zone } from '../../core/kernel/zone.js';
import type { SentAppointment } from '../appointments/index.js';
import { toDoctorNames, toClockTime, toName } from './day-names.js';
import type { DayFormat, SentDay } from './day.dto.js';
import type { ReadDay } from './day.service.js';

const COLUMNS = ['Date', 'Start', 'End', 'Doctor', 'Patient', 'Service', 'Rooms and equipment', 'Status', 'Checked in'];
/** Calendars do not get visits that do not take place. */
const NOT_IN_CALENDARS = ['CANCELLED', 'NO_SHOW'];
const PRODUCT = { company: 'CareSlot', product: 'Clinic day', language: 'EN' };

/** A PDF takes tens of milliseconds of computing; more at once would delay other requests. */
const MAX_PDFS_AT_ONCE = 2;

/** Writes the day in the requested format: JSON in the envelope, or a file. */
@Injectable()
export class DayFormatter {
  private readonly permits = new Semaphore({ total: MAX_PDFS_AT_ONCE });

  constructor(private readonly clock: Clock) {}

  async format({ view, name, locale }: ReadDay, format: DayFormat): Promise<SentDay | RawReply> {
    switch (format) {
      case 'json':
        return view;
      case 'csv':
        return toFile(view, toTable(view), 'text/csv; charset=utf-8', 'csv');
      case 'ics':
        return toFile(view, toCalendar(view), 'text/calendar; charset=utf-8', 'ics');
      case 'pdf':
        return toFile(view, await this.toPdf(view, name, locale), 'application/pdf', 'pdf');
    }
  }

  private async toPdf(view: SentDay, name: string, locale: string): Promise<Buffer> {
    const release = await this.permits.acquire();
    try {
      // Loaded with the first file: the library takes a tenth of the time in which a process starts.
      const { toPdf } = await import('./day-pdf.js');
      return await toPdf(view, { name, locale, printedAt: new Date(this.clock.now()) });
    } finally {
      release();
    }
  }
}

const toFile = ({ date }: SentDay, content: string | Buffer, contentType: string, extension: string): RawReply =>
  new RawReply(content, contentType, {
    'Content-Disposition': `attachment; filename="day-${date}.${extension}"`,
    'Cache-Control': 'private, no-store',
    'X-Content-Type-Options': 'nosniff',
  });

/** Times are local times of the clinic. */
function toTable({ appointments, timeZone, doctors }: SentDay): string {
  const zone = Zone.of(timeZone);
  const names = toDoctorNames({ doctors });
  const rows = appointments.map((visit) => [
    dayName(zone.toDayNumber(Date.parse(visit.startDateTime))),
    toClockTime(zone, visit.startDateTime),
    toClockTime(zone, visit.endDateTime),
    names.get(visit.doctorId) ?? null,
    visit.client ? toName(visit.client) : null,
    visit.service?.name ?? null,
    visit.resources?.map(({ name }) => name).join(', ') ?? null,
    visit.status,
    visit.checkedInAt && toClockTime(zone, visit.checkedInAt),
  ]);
  return toCsv([COLUMNS, ...rows]);
}

/** An iCalendar file (RFC 5545). Times are in UTC, so calendars show them in the zone of their owner. */
function toCalendar(day: SentDay): string {
  const names = toDoctorNames(day);
  const events = day.appointments
    .filter(({ status }) => !NOT_IN_CALENDARS.includes(status))
    .map((visit) => toEvent(visit, names.get(visit.doctorId) ?? ''));
  const calendar = ical({ prodId: PRODUCT, method: ICalCalendarMethod.PUBLISH, events });
  return `${calendar.toString().trimEnd()}\r\n`;
}

/** Without the service: calendars are synced and shared, and a service's name can reveal a diagnosis. */
const toEvent = (visit: SentAppointment, doctorName: string): ICalEventData => ({
  id: `appointment-${visit.id}@careslot`,
  sequence: visit.version - 1,
  stamp: visit.updatedAt,
  start: visit.startDateTime,
  end: visit.endDateTime,
  status: visit.status === 'PENDING' ? ICalEventStatus.TENTATIVE : ICalEventStatus.CONFIRMED,
  class: ICalEventClass.PRIVATE,
  summary: oneLine(visit.client ? toName(visit.client) : 'Appointment'),
  location: oneLine([doctorName, ...(visit.resources ?? []).map(({ name }) => name)].join(', ')),
});
