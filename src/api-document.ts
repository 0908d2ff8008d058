import type { DocumentOptions } from './core/http/openapi.js';
import type { DemoIds } from './core/http/openapi/examples.js';
import type { Tag } from './core/http/openapi/tags.js';

/** The parts of the API in the order in which its documentation shows them. */
const API_TAGS: readonly Tag[] = [
  { name: 'Auth', description: 'Register, sign in, refresh tokens, and manage your sessions.' },
  { name: 'Appointments', description: 'Book, reschedule, cancel and attend appointments.' },
  { name: 'Availability', description: 'Free times that can be booked at this moment.' },
  { name: 'Doctors', description: 'Find doctors, and manage those of a clinic.' },
  { name: 'Services', description: 'What clinics offer: duration, price, doctors and rooms.' },
  { name: 'Queue', description: 'The patients of the day who have arrived, and walk-ins.' },
  { name: 'Payments', description: 'Orders at the payment provider, refunds and receipts.' },
  { name: 'Waitlist', description: 'Who waits for a time, and offers of freed times.' },
  { name: 'Calendars', description: 'Calendar files (RFC 5545) of appointments, and calendars to subscribe to.' },
  { name: 'Favorites', description: 'The doctors that a patient keeps at hand.' },
  { name: 'Users', description: 'Accounts of staff, doctors and patients.' },
  { name: 'API keys', description: 'Keys for machines, such as a self check-in or another system of the clinic.' },
  { name: 'Webhooks', description: 'Endpoints of other systems that get events, and the deliveries to them.' },
  { name: 'Clients', description: 'Patient records.' },
  { name: 'Privacy', description: 'Consents, export, erasure, and emergency access to records.' },
  { name: 'Clinics', description: 'Clinics and their booking policies.' },
  { name: 'Resources', description: 'Rooms and equipment that a service needs.' },
  { name: 'Schedules', description: 'Weekly hours, leave and extra hours of doctors and resources.' },
  { name: 'Notifications', description: 'The inbox, messages to patients, preferences and devices.' },
  { name: 'Scans', description: 'Medical images: upload, view, and analysis by a model.' },
  { name: 'Chat', description: 'The assistant and its conversations.' },
  { name: 'Stroke assessment', description: 'Urgency and published stroke scores, for review by a clinician.' },
  { name: 'FAQs', description: 'Frequently asked questions by language.' },
  { name: 'Import and export', description: 'Lists as csv and xlsx files.' },
  { name: 'Reports', description: 'Figures of a clinic by day.' },
  { name: 'Audit', description: 'Who read or changed what, and the hash chains that prove it.' },
  { name: 'Health', description: 'Probes, metrics and the state of the process.' },
  { name: 'Operations', description: 'Background queues and parked events.' },
  {
    name: 'NeuroAid',
    description:
      'Unversioned routes of the NeuroAid mobile client: answers without an envelope, errors as `{ error, message }`.',
  },
  { name: 'Development', description: 'The mailbox of development and tests; not in production.' },
];

/** Ids that the demo data always has: the Cairo clinic, its first doctor, and a service of that doctor. */
export const DEMO_IDS = {
  clinicId: '01900000-0000-7000-8000-00000000c001',
  doctorId: '01900000-0000-7000-8000-00000000d001',
  serviceId: '01900000-0000-7000-8000-000000005001',
} satisfies DemoIds;

const DESCRIPTION = `Book patients with doctors.

Sign in with \`POST /api/v1/auth/login\` and send \`accessToken\` as the bearer token; in \`/docs\`, press **Authorize** and paste it.
The default start (\`npm start\`) has demo accounts, such as \`patient@careslot.test\` and \`staff@careslot.test\`, with the
password \`careslot-demo-1\`.

Machines send an API key (\`csk_…\`, from \`POST /api/v1/api-keys\`) as the bearer token instead.

Instants are ISO 8601 (\`Z\` out, any offset in); local days are \`YYYY-MM-DD\`, local times \`HH:mm\`, zones IANA names. Lists are
paged by \`limit\` and \`cursor\`. Decision support in this API needs a clinician's review.`;

const REFRESH_COOKIE =
  'Cookie mode, for browsers: sign in with `X-Auth-Mode: cookie`, and the refresh token comes in this HttpOnly cookie ' +
  'instead of in the body.';
const CSRF_HEADER =
  'Goes with the refresh cookie: the value of the cookie `careslot_csrf`, which scripts of the page can read.';

/** What the OpenAPI document says besides the routes. */
export const API_DOCUMENT: Omit<DocumentOptions, 'today'> = {
  tags: API_TAGS,
  demoIds: DEMO_IDS,
  description: DESCRIPTION,
  addSecurity: (document) =>
    document
      .addCookieAuth('careslot_refresh', { type: 'apiKey', description: REFRESH_COOKIE }, 'refreshCookie')
      .addApiKey({ type: 'apiKey', in: 'header', name: 'X-CSRF-Token', description: CSRF_HEADER }, 'csrfToken'),
};
