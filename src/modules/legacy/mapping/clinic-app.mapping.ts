import { invalid } from '../../../core/kernel/domain-error.js';
import type { Zone } from '../../../core/kernel/zone.js';
import type { Fields } from '../fields.js';
import type { LegacyDoctor, LegacyFaq, LegacyScan, LegacyService, LegacyUser, LegacyVisit } from '../legacy-data.js';
import type { Mapping, MappingOptions } from '../sources/source.js';
import { DEFAULT_MINUTES, NO_SPECIALITY, readId, toEnd, parseDateTime, parseDayAndTime, toStatus } from './values.js';
import { readDaysAndHours } from './weekly-hours.js';

const ID = ['id', '_id'] as const;
const USER_ID = ['userId', 'user', 'patientId', 'patient', 'clientId'] as const;
const DOCTOR_ID = ['doctorId', 'doctor'] as const;

/**
 * Applications for doctors and bookings in the way of NeuroAid: its JSON files, and collections or tables with the same names. Fields have
 * several usual names, in camel case or with underscores.
 */
export const CLINIC_APP_MAPPING: Mapping = {
  service: toService,
  doctor: toDoctor,
  user: toUser,
  faq: toFaq,
  favorite: (fields) => ({
    ...readId(fields, ...ID),
    userKey: readReference(fields, USER_ID),
    doctorKey: readReference(fields, DOCTOR_ID),
  }),
  scan: toScan,
  visit: toVisit,
};

function toService(fields: Fields): LegacyService {
  const price = fields.money('price', 'fee', 'cost');
  return {
    ...readId(fields, ...ID),
    name: fields.required('name', 'title'),
    description: fields.text('description'),
    durationMinutes: fields.number('durationMinutes', 'duration', 'minutes', 'length') ?? DEFAULT_MINUTES,
    price: price?.amount ?? null,
    currency: price?.currency ?? fields.text('currency'),
  };
}

function toDoctor(fields: Fields): LegacyDoctor {
  const price = fields.money('price', 'fee', 'consultationFee');
  return {
    ...readId(fields, ...ID),
    name: fields.text('name', 'fullName') ?? joinNames(fields),
    speciality: fields.text('specialty', 'speciality', 'specialization', 'specialisation') ?? NO_SPECIALITY,
    bio: fields.text('bio', 'about', 'description'),
    photoUrl: fields.text('image', 'imageUrl', 'photoUrl', 'photo', 'avatar'),
    email: fields.text('email'),
    serviceKeys: [],
    durationMinutes: fields.number('slotMinutes', 'durationMinutes', 'consultationMinutes'),
    price: price?.amount ?? null,
    currency: price?.currency ?? fields.text('currency'),
    hours: readDaysAndHours(fields),
    hoursZone: null,
  };
}

function toUser(fields: Fields): LegacyUser {
  return {
    ...readId(fields, ...ID),
    name: fields.text('name', 'fullName'),
    firstName: fields.text('firstName', 'givenName'),
    lastName: fields.text('lastName', 'familyName', 'surname'),
    email: fields.text('email', 'emailAddress'),
    phone: fields.text('phone', 'phoneNumber', 'mobile', 'telephone'),
    passwordHash: fields.text('password', 'passwordHash', 'hashedPassword', 'pwHash'),
    role: fields.text('role', 'userType', 'type'),
    isActive: fields.boolean('isActive', 'active') ?? true,
    timeZone: fields.text('timeZone'),
    locale: fields.text('locale', 'language', 'lang'),
    dateOfBirth: fields.text('dateOfBirth', 'birthDate', 'dob'),
    sex: fields.text('gender', 'sex'),
    address: fields.text('address'),
    notes: null,
  };
}

function toFaq(fields: Fields): LegacyFaq {
  return {
    ...readId(fields, ...ID),
    question: fields.required('question'),
    answer: fields.required('answer'),
    category: fields.text('category'),
    position: fields.number('order', 'position', 'sortOrder'),
    locale: fields.text('locale', 'language', 'lang'),
  };
}

function toScan(fields: Fields, { zone }: MappingOptions): LegacyScan {
  const takenAt = fields.text('takenAt');
  return {
    ...readId(fields, ...ID),
    userKey: readReference(fields, USER_ID),
    path: fields.required('imageUrl', 'filePath', 'path', 'file', 'filename', 'image'),
    takenAt: takenAt === null ? null : parseDateTime(takenAt, 'takenAt', zone).toISOString(),
  };
}

/** `10:30`, `10:30:00.000`, `10:30 AM` */
const TIME_ONLY = /^\d{1,2}:\d{2}/;

function toVisit(fields: Fields, { zone }: MappingOptions): LegacyVisit {
  const start = readStart(fields, zone);
  const end = fields.text('endDateTime', 'endTime', 'endsAt', 'end');
  // An end that is only a time belongs to a start with separate fields, and the duration of the service applies.
  const endsAt = end !== null && !TIME_ONLY.test(end) ? parseDateTime(end, 'end', zone) : null;
  return {
    ...readId(fields, ...ID),
    userKey: readReference(fields, USER_ID),
    doctorKey: readReference(fields, DOCTOR_ID),
    serviceKey: fields.text('serviceId'),
    start,
    end: toEnd(start, endsAt, fields.number('durationMinutes', 'duration')),
    status: toStatus(fields.text('status', 'state')),
    notes: fields.text('notes', 'note', 'reason'),
  };
}

function readStart(fields: Fields, zone: Zone): Date {
  const date = fields.text('date', 'appointmentDate', 'bookingDate', 'day');
  const time = fields.text('time', 'appointmentTime', 'bookingTime', 'slot');
  if (date && time) return parseDayAndTime(date, time, zone);
  const start = fields.text('startDateTime', 'startTime', 'startsAt', 'startAt', 'start', 'scheduledAt', 'dateTime');
  if (start ?? date) return parseDateTime((start ?? date) as string, start ? 'start' : 'date', zone);
  throw invalid({ field: 'date', error: 'is missing' });
}

/** An id, or the id of an embedded object. */
function readReference(fields: Fields, candidates: readonly string[]): string {
  for (const candidate of candidates) {
    const embedded = fields.object(candidate);
    const id = embedded ? embedded.text(...ID) : fields.text(candidate);
    if (id !== null) return id;
  }
  throw invalid({ field: candidates[0] ?? 'id', error: 'is missing' });
}

function joinNames(fields: Fields): string {
  const names = [fields.text('firstName'), fields.text('lastName')].filter(Boolean).join(' ');
  if (names === '') throw invalid({ field: 'name', error: 'is missing' });
  return names;
}
