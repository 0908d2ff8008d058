import ical, { ICalCalendarMethod, ICalEventClass, ICalEventStatus, type ICalEventData } from 'ical-generator';
import { RawReply } from '../../core/http/careslot-adapter.js';
import { toCsv } from '../../core/kernel/csv.js';
import { dayName, Zone } from '../../core/kernel/zone.js';
import type { AppointmentView } from '../appointments/index.js';
import type { DayFormat, DayView } from './day.dto.js';

const MINUTES_PER_HOUR = 60;
const COLUMNS = ['Date', 'Start', 'End', 'Doctor', 'Patient', 'Service', 'Rooms and equipment', 'Status', 'Checked in'];
/** Visits that take place or took place. */
const NOT_IN_CALENDARS = ['CANCELLED', 'NO_SHOW'];
const PRODUCT = { company: 'CareSlot', product: 'Clinic day', language: 'EN' };

/** The day in the requested format: JSON in the envelope, or a file. */
export function inFormat(day: DayView, format: DayFormat): DayView | RawReply {
  if (format === 'csv') return toFile(day, toTable(day), 'text/csv; charset=utf-8', 'csv');
  if (format === 'ics') return toFile(day, toCalendar(day), 'text/calendar; charset=utf-8', 'ics');
  return day;
}

const toFile = ({ date }: DayView, content: string, contentType: string, extension: string): RawReply =>
  new RawReply(content, contentType, {
    'Content-Disposition': `attachment; filename="day-${date}.${extension}"`,
    'Cache-Control': 'private, no-store',
    'X-Content-Type-Options': 'nosniff',
  });

/** Times are local times of the clinic. */
function toTable({ appointments, timeZone, doctors }: DayView): string {
  const zone = Zone.of(timeZone);
  const names = toDoctorNames({ doctors });
  const rows = appointments.map((visit) => [
    dayName(zone.toDayNumber(visit.startDateTime.getTime())),
    toLocalTime(zone, visit.startDateTime),
    toLocalTime(zone, visit.endDateTime),
    names.get(visit.doctorId) ?? null,
    visit.client ? toName(visit.client) : null,
    visit.service?.name ?? null,
    visit.resources?.map(({ name }) => name).join(', ') ?? null,
    visit.status,
    visit.checkedInAt && toLocalTime(zone, visit.checkedInAt),
  ]);
  return toCsv([COLUMNS, ...rows]);
}

/** An iCalendar file (RFC 5545). Times are in UTC, so calendars show them in the zone of their owner. */
function toCalendar(day: DayView): string {
  const names = toDoctorNames(day);
  const events = day.appointments
    .filter(({ status }) => !NOT_IN_CALENDARS.includes(status))
    .map((visit) => toEvent(visit, names.get(visit.doctorId) ?? ''));
  const calendar = ical({ prodId: PRODUCT, method: ICalCalendarMethod.PUBLISH, events });
  return `${calendar.toString().trimEnd()}\r\n`;
}

/** Without the service: calendars are synced and shared, and a service's name can reveal a diagnosis. */
const toEvent = (visit: AppointmentView, doctorName: string): ICalEventData => ({
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

const toName = ({ firstName, lastName }: { firstName: string; lastName: string }): string => `${firstName} ${lastName}`;

const toDoctorNames = ({ doctors }: Pick<DayView, 'doctors'>): Map<string, string> =>
  new Map(doctors.map((doctor) => [doctor.id, `${doctor.title ? `${doctor.title} ` : ''}${toName(doctor)}`]));

function toLocalTime(zone: Zone, instant: Date): string {
  const minute = zone.minuteOfDay(instant.getTime());
  const padded = (value: number): string => String(value).padStart(2, '0');
  return `${padded(Math.floor(minute / MINUTES_PER_HOUR))}:${padded(minute % MINUTES_PER_HOUR)}`;
}

const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
