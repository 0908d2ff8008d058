/** The fields of an appointment in its events. */
const APPOINTMENT_FIELDS = [
  'id',
  'clinicId',
  'clientId',
  'doctorId',
  'serviceId',
  'resourceIds',
  'seriesId',
  'groupId',
  'startDateTime',
  'endDateTime',
  'status',
  'version',
  'checkedInAt',
  'startedAt',
  'completedAt',
  'cancelledAt',
  'createdAt',
  'updatedAt',
] as const;

/** The fields of each event's `data`: ids, status and times. Never names, contacts, notes or reasons (docs/webhooks.md). */
const FIELDS = {
  'appointment:created': APPOINTMENT_FIELDS,
  'appointment:updated': APPOINTMENT_FIELDS,
  'appointment:cancelled': APPOINTMENT_FIELDS,
  'availability:changed': ['clinicId', 'doctorId', 'date'],
  'queue:updated': ['clinicId', 'doctorId', 'waiting'],
  'waitlist:updated': ['id', 'clinicId', 'clientId', 'serviceId', 'doctorId', 'status'],
} as const;

export type WebhookEvent = keyof typeof FIELDS;

/** The events that an endpoint can choose: those that a clinic's front desk gets by socket. */
export const WEBHOOK_EVENTS = Object.keys(FIELDS) as WebhookEvent[];

export const isWebhookEvent = (name: string): name is WebhookEvent => Object.hasOwn(FIELDS, name);

/** Selects the fields of an event that webhooks contain. */
export function toWebhookData(event: WebhookEvent, source: object): Record<string, unknown> {
  const values = source as Record<string, unknown>;
  return Object.fromEntries(
    FIELDS[event].flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])),
  );
}
