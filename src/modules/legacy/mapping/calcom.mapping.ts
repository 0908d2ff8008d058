import { invalid } from '../../../core/kernel/domain-error.js';
import type { Fields } from '../fields.js';
import type { LegacyDoctor, LegacyService, LegacyUser, LegacyVisit } from '../legacy-data.js';
import type { Mapping, MappingOptions } from '../sources/source.js';
import { DEFAULT_MINUTES, getMinorDigits, NO_SPECIALITY, readId, toEnd, parseDateTime, toStatus } from './values.js';
import { readAvailability } from './weekly-hours.js';

/**
 * Answers of Cal.com's API v2: `GET /v2/event-types` (version 2024-06-14), `GET /v2/schedules` (2024-06-11) and
 * `GET /v2/bookings` (2024-08-13).
 * Source: https://cal.com/docs/api-reference/v2 (openapi.json)
 */
export const CALCOM_MAPPING: Mapping = {
  service: toService,
  doctor: toDoctor,
  user: toUser,
  visit: toVisit,
};

function toService(fields: Fields): LegacyService {
  const { key } = readId(fields, 'id');
  return {
    ...{ key, number: null },
    name: fields.required('title'),
    description: fields.text('description'),
    durationMinutes: fields.number('lengthInMinutes', 'length') ?? DEFAULT_MINUTES,
    price: toPrice(fields.number('price'), fields.text('currency')),
    currency: fields.text('currency'),
  };
}

/** Prices are in the minor unit of the currency, as at Stripe: yen have none. */
const toPrice = (price: number | null, currency: string | null): number | null =>
  price === null ? null : price / 10 ** getMinorDigits(currency ?? '');

/** A host, with the event types and the schedule that `CalcomSource` found for them. */
function toDoctor(fields: Fields): LegacyDoctor {
  const { key } = readId(fields, 'id', 'userId');
  const serviceKeys = fields.raw('eventTypeIds');
  const schedule = fields.object('schedule');
  return {
    ...{ key, number: null },
    name: fields.text('name', 'username') ?? fields.required('email'),
    speciality: NO_SPECIALITY,
    bio: fields.text('bio'),
    photoUrl: fields.text('avatarUrl'),
    email: fields.text('email'),
    serviceKeys: Array.isArray(serviceKeys) ? serviceKeys.map(String) : [],
    durationMinutes: null,
    price: null,
    currency: null,
    hours: readAvailability(schedule),
    hoursZone: schedule?.text('timeZone') ?? null,
  };
}

/** An attendee. Cal.com gives them no id, so the address or else the telephone number identifies them. */
function toUser(fields: Fields): LegacyUser {
  return {
    ...{ key: attendeeKey(fields), number: null },
    name: fields.text('name') ?? attendeeAddress(fields),
    firstName: null,
    lastName: null,
    email: attendeeAddress(fields),
    phone: fields.text('phoneNumber'),
    passwordHash: null,
    role: null,
    isActive: true,
    timeZone: fields.text('timeZone'),
    locale: fields.text('language'),
    dateOfBirth: null,
    sex: null,
    address: null,
    notes: null,
  };
}

function toVisit(fields: Fields, { zone }: MappingOptions): LegacyVisit {
  const [host] = fields.objects('hosts');
  const [attendee, ...others] = fields.objects('attendees');
  if (!host) throw invalid({ field: 'hosts', error: 'is missing' });
  if (!attendee) throw invalid({ field: 'attendees', error: 'is missing' });
  if (others.length > 0)
    throw invalid({ field: 'attendees', error: 'has several people: book them as a group session' });
  const start = parseDateTime(fields.required('start', 'startTime'), 'start', zone);
  const end = fields.text('end', 'endTime');
  const isAbsent = attendee.boolean('absent') ?? false;
  const status = toStatus(fields.text('status'));
  return {
    ...{ key: fields.required('uid', 'id'), number: null },
    userKey: attendeeKey(attendee),
    doctorKey: host.required('id', 'userId'),
    serviceKey: fields.text('eventTypeId') ?? fields.object('eventType')?.text('id') ?? null,
    start,
    end: toEnd(start, end === null ? null : parseDateTime(end, 'end', zone), fields.number('duration')),
    status: isAbsent && status === null ? 'NO_SHOW' : status,
    notes: fields.text('description') ?? fields.object('bookingFieldsResponses')?.text('notes') ?? null,
  };
}

/** Cal.com makes up addresses of this domain for attendees who gave only a telephone number. */
const MADE_UP_ADDRESS = /@sms\.cal\.com$/i;

function attendeeAddress(fields: Fields): string | null {
  const email = fields.text('email');
  return email === null || MADE_UP_ADDRESS.test(email) ? null : email;
}

/** Contains an `@`, or starts with a `+`: such a key is stored as a hash. */
export function attendeeKey(fields: Fields): string {
  const key = fields.text('email')?.toLowerCase() ?? fields.text('phoneNumber');
  if (key === null) throw invalid({ field: 'attendees.email', error: 'is missing' });
  return key;
}
