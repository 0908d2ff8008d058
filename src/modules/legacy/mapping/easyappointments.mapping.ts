import { canonicalZoneName } from '../../../core/kernel/zone-names.js';
import { Zone } from '../../../core/kernel/zone.js';
import type { Fields } from '../fields.js';
import type { LegacyDoctor, LegacyService, LegacyUser, LegacyVisit } from '../legacy-data.js';
import type { Mapping, MappingOptions } from '../sources/source.js';
import { DEFAULT_MINUTES, NO_SPECIALITY, readId, toEnd, parseDateTime, toStatus } from './values.js';
import { readWorkingPlan } from './weekly-hours.js';

/** The field that the source adds to appointments: the zone of the provider, whose local times they have. */
export const PROVIDER_ZONE = 'providerTimezone';

/**
 * Answers of Easy!Appointments' REST API v1. Times have no offset: they are local times of the providers.
 * Source: https://github.com/alextselegidis/easyappointments (docs/rest-api.md)
 */
export const EASY_APPOINTMENTS_MAPPING: Mapping = {
  service: toService,
  doctor: toDoctor,
  user: toUser,
  visit: toVisit,
};

function toService(fields: Fields): LegacyService {
  return {
    key: fields.required('id'),
    number: null,
    name: fields.required('name'),
    description: fields.text('description'),
    durationMinutes: fields.number('duration') ?? DEFAULT_MINUTES,
    price: fields.number('price'),
    currency: fields.text('currency'),
  };
}

function toDoctor(fields: Fields): LegacyDoctor {
  const services = fields.raw('services');
  const settings = fields.object('settings');
  return {
    key: fields.required('id'),
    number: null,
    name: [fields.text('firstName'), fields.required('lastName')].filter(Boolean).join(' '),
    speciality: NO_SPECIALITY,
    bio: null,
    photoUrl: null,
    email: fields.text('email'),
    serviceKeys: Array.isArray(services) ? services.map(String) : [],
    durationMinutes: null,
    price: null,
    currency: null,
    hours: readWorkingPlan(settings?.object('workingPlan') ?? null),
    hoursZone: fields.text('timezone'),
  };
}

function toUser(fields: Fields): LegacyUser {
  const address = [fields.text('address'), fields.text('zip'), fields.text('city')].filter(Boolean).join(', ');
  return {
    key: fields.required('id'),
    number: null,
    name: null,
    firstName: fields.text('firstName'),
    lastName: fields.text('lastName'),
    email: fields.text('email'),
    phone: fields.text('phone', 'mobile'),
    passwordHash: null,
    role: null,
    isActive: true,
    timeZone: fields.text('timezone'),
    locale: fields.text('language'),
    dateOfBirth: null,
    sex: null,
    address: address === '' ? null : address,
    notes: fields.text('notes'),
  };
}

function toVisit(fields: Fields, options: MappingOptions): LegacyVisit {
  const { key } = readId(fields, 'id');
  const provider = canonicalZoneName(fields.text(PROVIDER_ZONE) ?? '');
  const zone = provider !== null && Zone.isValid(provider) ? Zone.of(provider) : options.zone;
  const start = parseDateTime(fields.required('start'), 'start', zone);
  const end = fields.text('end');
  return {
    ...{ key, number: null },
    userKey: fields.required('customerId'),
    doctorKey: fields.required('providerId'),
    serviceKey: fields.text('serviceId'),
    start,
    end: toEnd(start, end === null ? null : parseDateTime(end, 'end', zone), null),
    status: readStatus(fields),
    notes: fields.text('notes'),
  };
}

/** The administrator chooses the words of the status, so an unknown one says nothing. */
function readStatus(fields: Fields): LegacyVisit['status'] {
  try {
    return toStatus(fields.text('status'));
  } catch {
    return null;
  }
}
