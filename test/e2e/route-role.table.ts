import { randomInt, randomUUID } from 'node:crypto';
import { dicom } from '../support/dicom-files.js';

/** Who calls, in the order of the columns below. The object belongs to the CLIENT, the DOCTOR and the clinic of STAFF. */
export const CALLERS = [
  'none',
  'CLIENT',
  'other CLIENT',
  'DOCTOR',
  'other DOCTOR',
  'other STAFF',
  'STAFF',
  'MANAGER',
  'ADMIN',
] as const;
export type Caller = (typeof CALLERS)[number];

/** Created for every call, so that calls do not affect each other. */
export interface Fixture {
  clinicId: string;
  doctorId: string;
  serviceId: string;
  resourceId: string;
  doctorExceptionId: string;
  resourceExceptionId: string;
  closureId: string;
  clientId: string;
  clientUserId: string;
  staffUserId: string;
  confirmed: string;
  pending: string;
  /** CONFIRMED, checked in, and starts now. */
  arrived: string;
  inProgress: string;
  faqId: string;
  conversationId: string;
  inboxEntryId: string;
  deadLetterId: string;
  deviceId: string;
  bookable: { serviceId: string; doctorId: string; startDateTime: string };
  email: string;
  holdId: string;
  /** Of an appointment, and of a walk-in who waits for a gap. */
  queueEntryId: string;
  walkInId: string;
  /** Of the CLIENT, waiting. */
  waitlistEntryId: string;
  calendarFeedId: string;
  referralId: string;
  /** Of the CLIENT at the clinic, paid. */
  paymentId: string;
  /** The caller DOCTOR. */
  ownDoctorId: string;
  scanId: string;
  scanSetId: string;
  apiKeyId: string;
  webhookId: string;
  webhookDeliveryId: string;
  /** Waits for its mapping. */
  importId: string;
}

export interface Row {
  /** The path, and its query, for one call. */
  path: (fixture: Fixture) => string;
  body?: (fixture: Fixture) => object;
  /** Sent as a form instead of a body. */
  form?: (fixture: Fixture) => FormData;
  /** The statuses, by the columns above. */
  expect: number[];
}

/** @returns the status that the table states for a caller of a route */
export function expectedStatus(route: string, caller: Caller): number {
  const status = TABLE[route]?.expect[CALLERS.indexOf(caller)];
  if (status === undefined) throw new Error(`${route} is not in the table`);
  return status;
}

const all = (status: number): number[] => CALLERS.map(() => status);
const signedIn = (status: number): number[] => [401, ...all(status).slice(1)];
const managers = (status: number): number[] => [401, 403, 403, 403, 403, 403, 403, status, status];
/** Routes for people who work at the clinic; those of another clinic get 404. */
const clinic = (status: number): number[] => [401, 403, 403, status, status, 404, status, status, status];
const appointmentReaders = (status: number): number[] => [401, status, 404, status, 404, 404, status, status, status];
/** Images: for their patient and the patient's doctor. The front desk may upload but not read them. */
const imageReaders = (status: number): number[] => [401, status, 404, status, 404, 403, 403, 403, 403];
const appointmentStaff = (status: number): number[] => [401, 403, 403, status, 404, 404, status, status, status];
const patients = (status: number): number[] => [401, status, status, 403, 403, 403, 403, 403, 403];
const operators = [401, 403, 403, 403, 403, 403, 403, 403, 200];

const adminOnly = (status: number): number[] => [401, ...all(403).slice(2), status];

/** Payments: for their patient and the front desk. */
const paymentReaders = (status: number): number[] => [401, status, 404, 403, 403, 404, status, status, status];

const paymentRoutes: Record<string, Row> = {
  'GET /api/v1/payments/methods': { path: () => '/api/v1/payments/methods', expect: signedIn(200) },
  'POST /api/v1/payments/orders': {
    path: () => '/api/v1/payments/orders',
    body: ({ holdId }) => ({ holdId }),
    expect: [401, 201, 404, 403, 403, 403, 403, 403, 403],
  },
  'POST /api/v1/payments/verify': {
    path: () => '/api/v1/payments/verify',
    body: () => ({ orderId: `order_${randomUUID()}`, paymentId: 'pay_1', signature: 'none' }),
    expect: [401, 404, 404, 403, 403, 403, 403, 403, 403],
  },
  'POST /api/v1/payments/webhook': {
    path: () => '/api/v1/payments/webhook',
    body: () => ({ event: 'payment.captured' }),
    expect: all(401),
  },
  'GET /api/v1/payments': {
    path: () => '/api/v1/payments',
    expect: [401, 200, 200, 403, 403, 200, 200, 200, 200],
  },
  'GET /api/v1/payments/:id': {
    path: ({ paymentId }) => `/api/v1/payments/${paymentId}`,
    expect: paymentReaders(200),
  },
  'GET /api/v1/payments/:id/receipt.pdf': {
    path: ({ paymentId }) => `/api/v1/payments/${paymentId}/receipt.pdf`,
    expect: paymentReaders(200),
  },
  'POST /api/v1/payments/:id/refund': {
    path: ({ paymentId }) => `/api/v1/payments/${paymentId}/refund`,
    body: () => ({ amount: 100 }),
    expect: [401, 403, 403, 403, 403, 403, 403, 201, 201],
  },
};

const auditRoutes: Record<string, Row> = {
  'GET /api/v1/audit-logs': { path: () => '/api/v1/audit-logs', expect: managers(200) },
  'GET /api/v1/audit-logs/verify': { path: () => '/api/v1/audit-logs/verify', expect: adminOnly(200) },
};

/** The lists of `GET /exports/:kind`. */
export const EXPORT_KINDS = [
  ...['appointments', 'clients', 'waitlist', 'referrals', 'clinics', 'doctors', 'services', 'resources', 'closures'],
  ...['users', 'api-keys', 'audit-logs', 'break-glass', 'notifications'],
];

const exportRoutes: Record<string, Row> = Object.fromEntries(
  EXPORT_KINDS.map((kind) => [
    `GET /api/v1/exports/${kind}`,
    { path: () => `/api/v1/exports/${kind}`, expect: managers(200) },
  ]),
);

const reportRoutes: Record<string, Row> = {
  'GET /api/v1/reports/daily': {
    path: ({ clinicId }) => `/api/v1/reports/daily?clinicId=${clinicId}`,
    expect: managers(200),
  },
};

/** A form with a file of patients. */
export function createImportForm(clinicId: string): FormData {
  const form = new FormData();
  form.append('kind', 'clients');
  form.append('clinicId', clinicId);
  form.append('file', new Blob([`First name,Last name\nImp,Ort ${randomUUID().slice(0, 8)}\n`]), 'patients.csv');
  return form;
}

const importRoutes: Record<string, Row> = {
  'GET /api/v1/imports': { path: () => '/api/v1/imports', expect: managers(200) },
  'POST /api/v1/imports': {
    path: () => '/api/v1/imports',
    form: ({ clinicId }) => createImportForm(clinicId),
    expect: managers(201),
  },
  'GET /api/v1/imports/:id': { path: ({ importId }) => `/api/v1/imports/${importId}`, expect: managers(200) },
  'PUT /api/v1/imports/:id/mapping': {
    path: ({ importId }) => `/api/v1/imports/${importId}/mapping`,
    body: () => ({ dateFormat: 'DMY' }),
    expect: managers(200),
  },
  // It is not checked yet.
  'POST /api/v1/imports/:id/start': {
    path: ({ importId }) => `/api/v1/imports/${importId}/start`,
    expect: managers(409),
  },
  'GET /api/v1/imports/:id/failed': {
    path: ({ importId }) => `/api/v1/imports/${importId}/failed`,
    expect: managers(200),
  },
  'DELETE /api/v1/imports/:id': { path: ({ importId }) => `/api/v1/imports/${importId}`, expect: managers(200) },
};

const identityRoutes: Record<string, Row> = {
  'GET /api/v1/auth/oidc': { path: () => '/api/v1/auth/oidc', expect: all(200) },
  'GET /api/v1/auth/oidc/:provider': { path: () => '/api/v1/auth/oidc/unknown', expect: all(404) },
  'GET /api/v1/auth/oidc/:provider/callback': {
    path: () => '/api/v1/auth/oidc/unknown/callback?code=a&state=b',
    expect: all(404),
  },
  'POST /api/v1/auth/oidc/token': {
    path: () => '/api/v1/auth/oidc/token',
    body: () => ({ code: 'a.b' }),
    expect: all(400),
  },
  'POST /api/v1/auth/oidc/:provider/link': {
    path: () => '/api/v1/auth/oidc/unknown/link',
    body: () => ({}),
    expect: signedIn(404),
  },
  'POST /api/v1/auth/oidc/:provider/reauthenticate': {
    path: () => '/api/v1/auth/oidc/unknown/reauthenticate',
    body: () => ({}),
    expect: signedIn(404),
  },
  'POST /api/v1/auth/reauthenticate/provider': {
    path: () => '/api/v1/auth/reauthenticate/provider',
    body: () => ({ code: 'a.b' }),
    expect: signedIn(400),
  },
  'GET /api/v1/auth/identities': { path: () => '/api/v1/auth/identities', expect: signedIn(200) },
  'POST /api/v1/auth/identities': {
    path: () => '/api/v1/auth/identities',
    body: () => ({ code: 'a.b' }),
    expect: signedIn(403),
  },
  'DELETE /api/v1/auth/identities/:id': {
    path: () => `/api/v1/auth/identities/${randomUUID()}`,
    body: () => ({}),
    expect: signedIn(403),
  },
};

/** The password of the demo accounts. */
const DEMO_PASSWORD = 'careslot-demo-1';

const apiKeyRoutes: Record<string, Row> = {
  'GET /api/v1/api-keys': { path: () => '/api/v1/api-keys', expect: managers(200) },
  'POST /api/v1/api-keys': {
    path: () => '/api/v1/api-keys',
    body: ({ clinicId }) => ({
      name: 'Check-in',
      permissions: ['appointment:read'],
      clinicIds: [clinicId],
      password: DEMO_PASSWORD,
    }),
    expect: managers(201),
  },
  'DELETE /api/v1/api-keys/:id': { path: ({ apiKeyId }) => `/api/v1/api-keys/${apiKeyId}`, expect: managers(200) },
};

const webhookRoutes: Record<string, Row> = {
  'GET /api/v1/webhooks': { path: () => '/api/v1/webhooks', expect: managers(200) },
  'POST /api/v1/webhooks': {
    path: () => '/api/v1/webhooks',
    body: ({ clinicId }) => ({
      url: `https://hooks.invalid/${randomUUID()}`,
      events: ['appointment:created'],
      clinicId,
    }),
    expect: managers(201),
  },
  'GET /api/v1/webhooks/:id': { path: ({ webhookId }) => `/api/v1/webhooks/${webhookId}`, expect: managers(200) },
  'PUT /api/v1/webhooks/:id': {
    path: ({ webhookId }) => `/api/v1/webhooks/${webhookId}`,
    body: () => ({ events: ['queue:updated'] }),
    expect: managers(200),
  },
  'DELETE /api/v1/webhooks/:id': { path: ({ webhookId }) => `/api/v1/webhooks/${webhookId}`, expect: managers(200) },
  'POST /api/v1/webhooks/:id/rotate-secret': {
    path: ({ webhookId }) => `/api/v1/webhooks/${webhookId}/rotate-secret`,
    expect: managers(200),
  },
  'GET /api/v1/webhooks/:id/deliveries': {
    path: ({ webhookId }) => `/api/v1/webhooks/${webhookId}/deliveries`,
    expect: managers(200),
  },
  'POST /api/v1/webhooks/:id/deliveries/:deliveryId/redeliver': {
    path: ({ webhookId, webhookDeliveryId }) =>
      `/api/v1/webhooks/${webhookId}/deliveries/${webhookDeliveryId}/redeliver`,
    expect: managers(200),
  },
};

/** The person has no address, and the patient of the fixture has none that is verified. */
const invitationRoutes: Record<string, Row> = {
  'POST /api/v1/auth/invitations/accept': {
    path: () => '/api/v1/auth/invitations/accept',
    body: () => ({ token: 'not-signed.by-us', password: 'a-long-and-quiet-river' }),
    expect: all(400),
  },
  'POST /api/v1/auth/invitations/join': {
    path: () => '/api/v1/auth/invitations/join',
    body: () => ({ token: 'not-signed.by-us' }),
    expect: signedIn(400),
  },
  'POST /api/v1/auth/claims': { path: () => '/api/v1/auth/claims', body: () => ({}), expect: patients(403) },
  'POST /api/v1/users/:id/invite': {
    path: ({ staffUserId }) => `/api/v1/users/${staffUserId}/invite`,
    expect: managers(400),
  },
  'DELETE /api/v1/users/:id/invite': {
    path: ({ staffUserId }) => `/api/v1/users/${staffUserId}/invite`,
    expect: managers(404),
  },
  'POST /api/v1/clients/:id/invite': {
    path: ({ clientId }) => `/api/v1/clients/${clientId}/invite`,
    expect: [401, 403, 403, 403, 403, 404, 200, 200, 200],
  },
};

const privacyRoutes: Record<string, Row> = {
  'POST /api/v1/clients/:id/break-glass': {
    path: ({ clientId }) => `/api/v1/clients/${clientId}/break-glass`,
    body: () => ({ reason: 'Unconscious after a fall.' }),
    expect: [401, 403, 403, 201, 201, 201, 201, 403, 403],
  },
  'GET /api/v1/users/:id/consents': {
    path: ({ clientUserId }) => `/api/v1/users/${clientUserId}/consents`,
    expect: [401, 200, 404, 404, 404, 404, 200, 200, 200],
  },
  'POST /api/v1/users/:id/consents': {
    path: ({ clientUserId }) => `/api/v1/users/${clientUserId}/consents`,
    body: () => ({ kind: 'PUSH', version: '1', given: true }),
    expect: [401, 201, 404, 404, 404, 404, 201, 201, 201],
  },
  'GET /api/v1/users/:id/export': {
    path: ({ clientUserId }) => `/api/v1/users/${clientUserId}/export`,
    // The sessions of the callers are not freshly proven.
    expect: [401, 403, ...all(404).slice(3), 403],
  },
  'POST /api/v1/users/:id/erase': {
    path: ({ clientUserId }) => `/api/v1/users/${clientUserId}/erase`,
    body: () => ({}),
    expect: [401, 403, ...all(404).slice(3), 403],
  },
  'GET /api/v1/break-glass': {
    path: () => '/api/v1/break-glass',
    expect: [401, 200, 200, 403, 403, 403, 403, 200, 200],
  },
};

const familyRoutes: Record<string, Row> = {
  'GET /api/v1/clients/:id/duplicates': {
    path: ({ clientId }) => `/api/v1/clients/${clientId}/duplicates`,
    expect: [401, 403, 403, 403, 403, 404, 200, 200, 200],
  },
  'POST /api/v1/clients/:id/merge': {
    path: ({ clientId }) => `/api/v1/clients/${clientId}/merge`,
    body: () => ({ duplicateId: randomUUID() }),
    expect: [401, 403, 403, 403, 403, 404, 404, 404, 404],
  },
  'POST /api/v1/clients/:id/unmerge': {
    path: ({ clientId }) => `/api/v1/clients/${clientId}/unmerge`,
    body: () => ({}),
    expect: [401, 403, 403, 403, 403, 404, 409, 409, 409],
  },
  'GET /api/v1/clients/:id/guardians': {
    path: ({ clientId }) => `/api/v1/clients/${clientId}/guardians`,
    expect: [401, 403, 403, 403, 403, 404, 200, 200, 200],
  },
  'POST /api/v1/clients/:id/guardians': {
    path: ({ clientId }) => `/api/v1/clients/${clientId}/guardians`,
    body: () => ({ clientId: randomUUID() }),
    expect: [401, 403, 403, 403, 403, 404, 404, 404, 404],
  },
  'DELETE /api/v1/clients/:id/guardians/:guardianId': {
    path: ({ clientId }) => `/api/v1/clients/${clientId}/guardians/${randomUUID()}`,
    expect: [401, 403, 403, 403, 403, 404, 404, 404, 404],
  },
  'GET /api/v1/clients/:id/children': {
    path: ({ clientId }) => `/api/v1/clients/${clientId}/children`,
    expect: [401, 200, 404, 403, 403, 403, 403, 403, 403],
  },
};

const person = { firstName: 'Nour', lastName: 'Said' };
const rules = { rules: [{ weekday: 1, start: '09:00', end: '13:00' }] };
const closed = { from: '2027-01-01', to: '2027-01-02', kind: 'CLOSED' };

/** A PNG with one grey pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==';

/** A form with an image. */
/** A form with the smallest accepted DICOM file. */
export function createStudyForm(clientId?: string): FormData {
  const form = new FormData();
  if (clientId) form.append('clientId', clientId);
  form.append('files', new Blob([new Uint8Array(dicom({ rows: 4, columns: 4 }))]), 'IM0001');
  return form;
}

export function createImageForm(clientId?: string): FormData {
  const form = new FormData();
  if (clientId) form.append('clientId', clientId);
  form.append('file', new Blob([Buffer.from(PIXEL, 'base64')], { type: 'image/png' }), 'pixel.png');
  return form;
}

/** The routes of the NeuroAid client, below both of its prefixes. */
const mobile = (prefix: string): Record<string, Row> => ({
  [`POST ${prefix}/auth/register`]: {
    path: () => `${prefix}/auth/register`,
    body: ({ email }) => ({ name: 'Nour Said', email, password: 'a-long-and-quiet-river', role: 'client' }),
    expect: all(201),
  },
  [`POST ${prefix}/auth/login`]: {
    path: () => `${prefix}/auth/login`,
    body: () => ({ email: 'patient@careslot.test', password: 'careslot-demo-1' }),
    expect: all(200),
  },
  [`GET ${prefix}/health`]: { path: () => `${prefix}/health`, expect: all(200) },
  [`GET ${prefix}/users`]: { path: () => `${prefix}/users`, expect: managers(200) },
  [`GET ${prefix}/users/me`]: { path: () => `${prefix}/users/me`, expect: signedIn(200) },
  [`PATCH ${prefix}/users/:id`]: {
    path: ({ clientUserId }) => `${prefix}/users/${clientUserId}`,
    body: () => ({ name: 'Nour Said' }),
    expect: [401, 200, 404, 404, 404, 404, 404, 404, 200],
  },
  [`GET ${prefix}/doctors`]: { path: () => `${prefix}/doctors`, expect: all(200) },
  [`GET ${prefix}/doctors/:id`]: { path: ({ doctorId }) => `${prefix}/doctors/${doctorId}`, expect: all(200) },
  [`GET ${prefix}/doctors/:id/photo`]: {
    path: ({ doctorId }) => `${prefix}/doctors/${doctorId}/photo`,
    expect: all(200),
  },
  [`GET ${prefix}/bookings`]: { path: () => `${prefix}/bookings`, expect: signedIn(200) },
  [`POST ${prefix}/bookings`]: {
    path: () => `${prefix}/bookings`,
    body: ({ bookable, clientId }) => ({ ...bookable, clientId }),
    expect: [401, 201, 404, 403, 403, 403, 201, 201, 201],
  },
  [`PATCH ${prefix}/bookings/:id`]: {
    path: ({ confirmed }) => `${prefix}/bookings/${confirmed}`,
    body: () => ({ status: 'canceled' }),
    expect: [401, 200, 404, 403, 403, 404, 200, 200, 200],
  },
  [`DELETE ${prefix}/bookings/:id`]: {
    path: ({ confirmed }) => `${prefix}/bookings/${confirmed}`,
    expect: [401, 200, 404, 403, 403, 404, 200, 200, 200],
  },
  [`GET ${prefix}/scans`]: { path: () => `${prefix}/scans`, expect: [401, 200, 200, 200, 200, 403, 403, 403, 403] },
  [`GET ${prefix}/scans/:id`]: { path: ({ scanId }) => `${prefix}/scans/${scanId}`, expect: imageReaders(200) },
  [`POST ${prefix}/scans`]: {
    path: () => `${prefix}/scans`,
    form: ({ clientId }) => createImageForm(clientId),
    expect: [401, 201, 404, 201, 404, 404, 201, 201, 403],
  },
  [`DELETE ${prefix}/scans/:id`]: {
    path: ({ scanId }) => `${prefix}/scans/${scanId}`,
    expect: [401, 200, 404, 403, 404, 403, 403, 403, 403],
  },
  [`GET ${prefix}/favorites`]: { path: () => `${prefix}/favorites`, expect: patients(200) },
  [`POST ${prefix}/favorites`]: {
    path: () => `${prefix}/favorites`,
    body: ({ doctorId }) => ({ doctorId }),
    expect: patients(201),
  },
  [`DELETE ${prefix}/favorites/:id`]: {
    path: ({ doctorId }) => `${prefix}/favorites/${doctorId}`,
    expect: patients(404),
  },
  [`GET ${prefix}/faqs`]: { path: () => `${prefix}/faqs`, expect: all(200) },
  [`GET ${prefix}/faqs/:id`]: { path: ({ faqId }) => `${prefix}/faqs/${faqId}`, expect: all(200) },
  [`POST ${prefix}/ai/chat`]: {
    path: () => `${prefix}/ai/chat`,
    body: () => ({ message: 'How do I book?' }),
    expect: signedIn(200),
  },
  ...Object.fromEntries(
    ['assessment', 'stroke-assessment'].map((name) => [
      `POST ${prefix}/ai/${name}`,
      // No risk can be computed from this: a 400, whose message the client shows.
      { path: () => `${prefix}/ai/${name}`, body: () => ({ symptoms: { face: false } }), expect: signedIn(400) },
    ]),
  ),
  ...Object.fromEntries(
    ['analyze-image', 'scan-image', 'stroke-image/predict'].map((name) => [
      `POST ${prefix}/ai/${name}`,
      { path: () => `${prefix}/ai/${name}`, body: ({ scanId }: Fixture) => ({ scanId }), expect: imageReaders(200) },
    ]),
  ),
});

/** Every route of the application. A route that is missing here fails the test. */
export const TABLE: Record<string, Row> = {
  'POST /api/v1/auth/register': {
    path: () => '/api/v1/auth/register',
    body: ({ email }) => ({ ...person, email, password: 'a-long-and-quiet-river' }),
    expect: all(201),
  },
  'POST /api/v1/auth/login': {
    path: () => '/api/v1/auth/login',
    body: () => ({ email: 'patient@careslot.test', password: 'careslot-demo-1' }),
    expect: all(200),
  },
  'POST /api/v1/auth/refresh': {
    path: () => '/api/v1/auth/refresh',
    body: () => ({ refreshToken: 'a.b.c' }),
    expect: all(401),
  },
  'POST /api/v1/auth/logout': { path: () => '/api/v1/auth/logout', expect: signedIn(200) },
  'POST /api/v1/auth/logout-all': { path: () => '/api/v1/auth/logout-all', expect: signedIn(200) },
  'GET /api/v1/auth/profile': { path: () => '/api/v1/auth/profile', expect: signedIn(200) },
  'GET /api/v1/auth/sessions': { path: () => '/api/v1/auth/sessions', expect: signedIn(200) },
  'DELETE /api/v1/auth/sessions/:id': { path: () => `/api/v1/auth/sessions/${randomUUID()}`, expect: signedIn(404) },
  'PUT /api/v1/auth/password': {
    path: () => '/api/v1/auth/password',
    body: () => ({ currentPassword: 'not-the-password', newPassword: 'a-long-and-quiet-river' }),
    expect: all(401),
  },
  'POST /api/v1/auth/password/forgot': {
    path: () => '/api/v1/auth/password/forgot',
    body: ({ email }) => ({ email }),
    expect: all(202),
  },
  'POST /api/v1/auth/password/reset': {
    path: () => '/api/v1/auth/password/reset',
    body: () => ({ token: 'a.b', password: 'a-long-and-quiet-river' }),
    expect: all(400),
  },
  'POST /api/v1/auth/reauthenticate': {
    path: () => '/api/v1/auth/reauthenticate',
    body: () => ({ password: 'not-the-password' }),
    // Callers without a password must prove themselves in another way.
    expect: [401, 403, 403, 401, 403, 401, 401, 401, 401],
  },
  'GET /api/v1/auth/mfa': { path: () => '/api/v1/auth/mfa', expect: signedIn(200) },
  'POST /api/v1/auth/mfa/setup': {
    path: () => '/api/v1/auth/mfa/setup',
    body: () => ({}),
    expect: signedIn(403),
  },
  'POST /api/v1/auth/mfa/enable': {
    path: () => '/api/v1/auth/mfa/enable',
    body: () => ({ otp: '000000' }),
    expect: signedIn(403),
  },
  'POST /api/v1/auth/mfa/disable': {
    path: () => '/api/v1/auth/mfa/disable',
    body: () => ({}),
    expect: signedIn(403),
  },
  'POST /api/v1/auth/mfa/recovery-codes': {
    path: () => '/api/v1/auth/mfa/recovery-codes',
    body: () => ({}),
    expect: signedIn(403),
  },
  'POST /api/v1/auth/mfa/verify': {
    path: () => '/api/v1/auth/mfa/verify',
    body: () => ({ pendingToken: 'a.b', otp: '000000' }),
    expect: all(401),
  },
  'POST /api/v1/users/:id/mfa/reset': {
    path: ({ staffUserId }) => `/api/v1/users/${staffUserId}/mfa/reset`,
    body: () => ({}),
    expect: managers(403),
  },
  'POST /api/v1/auth/email/verify': {
    path: () => '/api/v1/auth/email/verify',
    body: () => ({ token: 'not-signed.by-us' }),
    expect: all(400),
  },
  'POST /api/v1/auth/email/resend': { path: () => '/api/v1/auth/email/resend', expect: signedIn(200) },

  'GET /api/v1/users': { path: () => '/api/v1/users', expect: managers(200) },
  'POST /api/v1/users': {
    path: () => '/api/v1/users',
    body: ({ email, clinicId }) => ({ ...person, email, clinicIds: [clinicId] }),
    expect: managers(201),
  },
  'GET /api/v1/users/:id': {
    path: ({ clientUserId }) => `/api/v1/users/${clientUserId}`,
    expect: [401, 200, 404, 404, 404, 404, 404, 404, 200],
  },
  'PUT /api/v1/users/:id': {
    path: ({ clientUserId }) => `/api/v1/users/${clientUserId}`,
    body: () => ({ firstName: 'Omar' }),
    expect: [401, 200, 404, 404, 404, 404, 404, 404, 200],
  },
  'DELETE /api/v1/users/:id/clinics/:clinicId': {
    path: ({ staffUserId, clinicId }) => `/api/v1/users/${staffUserId}/clinics/${clinicId}`,
    expect: managers(200),
  },
  'DELETE /api/v1/users/:id': { path: ({ staffUserId }) => `/api/v1/users/${staffUserId}`, expect: managers(200) },

  'GET /api/v1/clients': { path: () => '/api/v1/clients', expect: [401, 403, 403, 200, 200, 200, 200, 200, 200] },
  'POST /api/v1/clients': {
    path: () => '/api/v1/clients',
    body: ({ clinicId }) => ({ ...person, clinicId }),
    expect: [401, 403, 403, 403, 403, 403, 201, 201, 201],
  },
  'GET /api/v1/clients/:id': {
    path: ({ clientId }) => `/api/v1/clients/${clientId}`,
    expect: [401, 403, 403, 200, 404, 404, 200, 200, 200],
  },
  'PUT /api/v1/clients/:id': {
    path: ({ clientId }) => `/api/v1/clients/${clientId}`,
    body: () => ({ mrn: 'MRN-1' }),
    expect: [401, 403, 403, 403, 403, 404, 200, 200, 200],
  },

  'GET /api/v1/clinics': { path: () => '/api/v1/clinics', expect: all(200) },
  'GET /api/v1/clinics/:id': { path: ({ clinicId }) => `/api/v1/clinics/${clinicId}`, expect: all(200) },
  'GET /api/v1/clinics/:id/day': {
    path: ({ clinicId }) => `/api/v1/clinics/${clinicId}/day`,
    expect: [401, 403, 403, 200, 200, 404, 200, 200, 200],
  },
  'GET /api/v1/clinics/:id/closures': {
    path: ({ clinicId }) => `/api/v1/clinics/${clinicId}/closures`,
    expect: all(200),
  },
  'POST /api/v1/clinics/:id/closures': {
    path: ({ clinicId }) => `/api/v1/clinics/${clinicId}/closures`,
    body: () => ({ from: '2027-04-01', to: '2027-04-02', reason: 'Holiday' }),
    expect: managers(201),
  },
  'DELETE /api/v1/clinics/:id/closures/:closureId': {
    path: ({ clinicId, closureId }) => `/api/v1/clinics/${clinicId}/closures/${closureId}`,
    expect: managers(200),
  },
  'POST /api/v1/clinics': {
    path: () => '/api/v1/clinics',
    body: () => ({ name: 'New', timeZone: 'Africa/Cairo' }),
    expect: managers(201),
  },
  'PUT /api/v1/clinics/:id': {
    path: ({ clinicId }) => `/api/v1/clinics/${clinicId}`,
    body: () => ({ address: 'Here' }),
    expect: managers(200),
  },
  'DELETE /api/v1/clinics/:id': { path: ({ clinicId }) => `/api/v1/clinics/${clinicId}`, expect: managers(409) },

  'GET /api/v1/doctors': { path: () => '/api/v1/doctors', expect: all(200) },
  'GET /api/v1/doctors/:id': { path: ({ doctorId }) => `/api/v1/doctors/${doctorId}`, expect: all(200) },
  'GET /api/v1/doctors/:id/photo': { path: ({ doctorId }) => `/api/v1/doctors/${doctorId}/photo`, expect: all(200) },
  'POST /api/v1/doctors': {
    path: () => '/api/v1/doctors',
    body: ({ clinicId }) => ({ ...person, clinicId, speciality: 'Neurology' }),
    expect: managers(201),
  },
  'PUT /api/v1/doctors/:id': {
    path: ({ doctorId }) => `/api/v1/doctors/${doctorId}`,
    body: () => ({ bio: 'New' }),
    expect: managers(200),
  },
  'DELETE /api/v1/doctors/:id': { path: ({ doctorId }) => `/api/v1/doctors/${doctorId}`, expect: managers(200) },
  'GET /api/v1/doctors/:id/schedule': {
    path: ({ doctorId }) => `/api/v1/doctors/${doctorId}/schedule`,
    expect: clinic(200),
  },
  'PUT /api/v1/doctors/:id/schedule': {
    path: ({ doctorId }) => `/api/v1/doctors/${doctorId}/schedule`,
    body: () => rules,
    expect: managers(200),
  },
  'GET /api/v1/doctors/:id/schedule/exceptions': {
    path: ({ doctorId }) => `/api/v1/doctors/${doctorId}/schedule/exceptions`,
    expect: clinic(200),
  },
  'POST /api/v1/doctors/:id/schedule/exceptions': {
    path: ({ doctorId }) => `/api/v1/doctors/${doctorId}/schedule/exceptions`,
    body: () => closed,
    expect: [401, 403, 403, 403, 403, 404, 201, 201, 201],
  },
  'DELETE /api/v1/doctors/:id/schedule/exceptions/:exceptionId': {
    path: ({ doctorId, doctorExceptionId }) => `/api/v1/doctors/${doctorId}/schedule/exceptions/${doctorExceptionId}`,
    expect: [401, 403, 403, 403, 403, 404, 200, 200, 200],
  },

  'GET /api/v1/services': { path: () => '/api/v1/services', expect: all(200) },
  'GET /api/v1/services/:id': { path: ({ serviceId }) => `/api/v1/services/${serviceId}`, expect: all(200) },
  'POST /api/v1/services': {
    path: () => '/api/v1/services',
    body: ({ clinicId }) => ({ clinicId, name: 'New', durationMinutes: 30, price: { amount: 1, currency: 'EGP' } }),
    expect: managers(201),
  },
  'PUT /api/v1/services/:id': {
    path: ({ serviceId }) => `/api/v1/services/${serviceId}`,
    body: () => ({ name: 'Newer' }),
    expect: managers(200),
  },
  'GET /api/v1/services/:id/prices': {
    path: ({ serviceId }) => `/api/v1/services/${serviceId}/prices`,
    expect: all(200),
  },
  'PUT /api/v1/services/:id/prices': {
    path: ({ serviceId }) => `/api/v1/services/${serviceId}/prices`,
    body: () => ({ firstVisitPer: 'DOCTOR', prices: [] }),
    expect: managers(200),
  },
  'DELETE /api/v1/services/:id': { path: ({ serviceId }) => `/api/v1/services/${serviceId}`, expect: managers(200) },

  'GET /api/v1/resources': { path: () => '/api/v1/resources', expect: [401, 403, 403, 200, 200, 200, 200, 200, 200] },
  'GET /api/v1/resources/:id': { path: ({ resourceId }) => `/api/v1/resources/${resourceId}`, expect: clinic(200) },
  'POST /api/v1/resources': {
    path: () => '/api/v1/resources',
    body: ({ clinicId }) => ({ clinicId, kind: 'ROOM', name: 'R' }),
    expect: managers(201),
  },
  'PUT /api/v1/resources/:id': {
    path: ({ resourceId }) => `/api/v1/resources/${resourceId}`,
    body: () => ({ name: 'R2' }),
    expect: managers(200),
  },
  'DELETE /api/v1/resources/:id': {
    path: ({ resourceId }) => `/api/v1/resources/${resourceId}`,
    expect: managers(200),
  },
  'GET /api/v1/resources/:id/schedule': {
    path: ({ resourceId }) => `/api/v1/resources/${resourceId}/schedule`,
    expect: clinic(200),
  },
  'PUT /api/v1/resources/:id/schedule': {
    path: ({ resourceId }) => `/api/v1/resources/${resourceId}/schedule`,
    body: () => rules,
    expect: managers(200),
  },
  'GET /api/v1/resources/:id/schedule/exceptions': {
    path: ({ resourceId }) => `/api/v1/resources/${resourceId}/schedule/exceptions`,
    expect: clinic(200),
  },
  'POST /api/v1/resources/:id/schedule/exceptions': {
    path: ({ resourceId }) => `/api/v1/resources/${resourceId}/schedule/exceptions`,
    body: () => closed,
    expect: managers(201),
  },
  'DELETE /api/v1/resources/:id/schedule/exceptions/:exceptionId': {
    path: ({ resourceId, resourceExceptionId }) =>
      `/api/v1/resources/${resourceId}/schedule/exceptions/${resourceExceptionId}`,
    expect: managers(200),
  },

  'GET /api/v1/availability': {
    path: ({ bookable }) => `/api/v1/availability?serviceId=${bookable.serviceId}&from=2027-02-01&to=2027-02-03`,
    expect: all(200),
  },
  'GET /api/v1/availability/next': {
    path: ({ bookable }) => `/api/v1/availability/next?serviceId=${bookable.serviceId}`,
    expect: all(200),
  },

  'POST /api/v1/appointments': {
    path: () => '/api/v1/appointments',
    body: ({ bookable, clientId }) => ({ ...bookable, clientId }),
    expect: [401, 201, 404, 403, 403, 403, 201, 201, 201],
  },
  'POST /api/v1/appointments/series': {
    path: () => '/api/v1/appointments/series',
    body: ({ bookable, clientId }) => ({ ...bookable, clientId, rrule: 'FREQ=DAILY;COUNT=1' }),
    expect: [401, 201, 404, 403, 403, 403, 201, 201, 201],
  },
  // For the caller, or without a patient: the number of a patient's holds is limited.
  'POST /api/v1/holds': {
    path: () => '/api/v1/holds',
    body: ({ bookable }) => bookable,
    expect: [401, 201, 201, 403, 403, 403, 201, 201, 201],
  },
  'DELETE /api/v1/holds/:id': {
    path: ({ holdId }) => `/api/v1/holds/${holdId}`,
    expect: [401, 200, 404, 403, 403, 404, 200, 200, 200],
  },
  'GET /api/v1/queue': { path: ({ clinicId }) => `/api/v1/queue?clinicId=${clinicId}`, expect: clinic(200) },
  'GET /api/v1/queue/board': {
    path: ({ clinicId }) => `/api/v1/queue/board?clinicId=${clinicId}`,
    expect: [401, 403, 403, 403, 403, 404, 200, 200, 200],
  },
  'POST /api/v1/queue/walk-ins': {
    path: () => '/api/v1/queue/walk-ins',
    body: ({ clinicId, bookable: { serviceId }, email }) => ({
      ...{ clinicId, serviceId, withSlot: false },
      client: { firstName: 'Walk', lastName: 'In', email },
    }),
    expect: [401, 403, 403, 403, 403, 404, 201, 201, 201],
  },
  'POST /api/v1/queue/:id/call': {
    path: ({ queueEntryId }) => `/api/v1/queue/${queueEntryId}/call`,
    body: () => ({}),
    expect: appointmentStaff(200),
  },
  'POST /api/v1/queue/:id/move': {
    path: ({ queueEntryId }) => `/api/v1/queue/${queueEntryId}/move`,
    body: () => ({ beforeId: null, reason: 'Severe pain' }),
    expect: appointmentStaff(200),
  },
  'DELETE /api/v1/queue/:id': { path: ({ walkInId }) => `/api/v1/queue/${walkInId}`, expect: appointmentStaff(200) },
  'GET /api/v1/waitlist': {
    path: () => '/api/v1/waitlist',
    expect: [401, 200, 200, 403, 403, 200, 200, 200, 200],
  },
  'POST /api/v1/waitlist': {
    path: () => '/api/v1/waitlist',
    // Another day each time: a patient cannot wait for the same twice.
    body: ({ bookable: { serviceId, doctorId }, clientId }) => ({
      ...{ serviceId, doctorId, clientId, from: '2027-01-01', to: `2027-10-${randomInt(10, 31)}` },
      ...{ startTime: `0${randomInt(10)}:${randomInt(10, 60)}`, endTime: `${randomInt(10, 24)}:${randomInt(10, 60)}` },
    }),
    expect: [401, 201, 404, 403, 403, 403, 201, 201, 201],
  },
  // There is no offer.
  'POST /api/v1/waitlist/:id/accept': {
    path: ({ waitlistEntryId }) => `/api/v1/waitlist/${waitlistEntryId}/accept`,
    expect: [401, 409, 404, 403, 403, 404, 409, 409, 409],
  },
  'POST /api/v1/waitlist/:id/decline': {
    path: ({ waitlistEntryId }) => `/api/v1/waitlist/${waitlistEntryId}/decline`,
    expect: [401, 409, 404, 403, 403, 404, 409, 409, 409],
  },
  'DELETE /api/v1/waitlist/:id': {
    path: ({ waitlistEntryId }) => `/api/v1/waitlist/${waitlistEntryId}`,
    expect: [401, 200, 404, 403, 403, 404, 200, 200, 200],
  },
  // The appointments that a caller may not see are in the answer, as not found.
  'POST /api/v1/appointments/bulk': {
    path: () => '/api/v1/appointments/bulk',
    body: ({ confirmed }) => ({ action: 'CANCEL', appointmentIds: [confirmed], reason: 'The doctor is ill' }),
    expect: [401, 403, 403, 403, 403, 200, 200, 200, 200],
  },
  'GET /api/v1/appointments': { path: () => '/api/v1/appointments', expect: signedIn(200) },
  'GET /api/v1/appointments/:id': {
    path: ({ confirmed }) => `/api/v1/appointments/${confirmed}`,
    expect: appointmentReaders(200),
  },
  'PUT /api/v1/appointments/:id': {
    path: ({ confirmed }) => `/api/v1/appointments/${confirmed}`,
    body: () => ({ notes: 'x' }),
    expect: appointmentReaders(200),
  },
  'DELETE /api/v1/appointments/:id': {
    path: ({ confirmed }) => `/api/v1/appointments/${confirmed}`,
    expect: [401, 200, 404, 403, 403, 404, 200, 200, 200],
  },
  'POST /api/v1/appointments/:id/confirm': {
    path: ({ pending }) => `/api/v1/appointments/${pending}/confirm`,
    expect: appointmentStaff(200),
  },
  'POST /api/v1/appointments/:id/check-in': {
    path: ({ arrived }) => `/api/v1/appointments/${arrived}/check-in`,
    expect: appointmentStaff(200),
  },
  'POST /api/v1/appointments/:id/start': {
    path: ({ arrived }) => `/api/v1/appointments/${arrived}/start`,
    expect: appointmentStaff(200),
  },
  'POST /api/v1/appointments/:id/complete': {
    path: ({ inProgress }) => `/api/v1/appointments/${inProgress}/complete`,
    expect: appointmentStaff(200),
  },
  'POST /api/v1/appointments/:id/no-show': {
    path: ({ arrived }) => `/api/v1/appointments/${arrived}/no-show`,
    expect: appointmentStaff(200),
  },
  'POST /api/v1/appointments/:id/reinstate': {
    path: ({ arrived }) => `/api/v1/appointments/${arrived}/reinstate`,
    expect: appointmentStaff(200),
  },
  'GET /api/v1/appointments/:id/history': {
    path: ({ confirmed }) => `/api/v1/appointments/${confirmed}/history`,
    expect: appointmentReaders(200),
  },
  'GET /api/v1/appointments/:id/calendar.ics': {
    path: ({ confirmed }) => `/api/v1/appointments/${confirmed}/calendar.ics`,
    expect: appointmentReaders(200),
  },
  'GET /api/v1/doctors/:id/video-link': {
    path: ({ ownDoctorId }) => `/api/v1/doctors/${ownDoctorId}/video-link`,
    expect: [401, 403, 403, 200, 404, 403, 403, 200, 200],
  },
  'PUT /api/v1/doctors/:id/video-link': {
    path: ({ ownDoctorId }) => `/api/v1/doctors/${ownDoctorId}/video-link`,
    body: () => ({ videoUrl: 'https://video.example/dr-mansour' }),
    expect: [401, 403, 403, 200, 404, 403, 403, 200, 200],
  },
  'GET /api/v1/referrals': { path: () => '/api/v1/referrals', expect: signedIn(200) },
  'POST /api/v1/referrals': {
    path: () => '/api/v1/referrals',
    body: ({ bookable: { serviceId }, clientId }) => ({ serviceId, clientId, afterMonths: 3 }),
    expect: [401, 403, 403, 201, 404, 403, 201, 201, 201],
  },
  'DELETE /api/v1/referrals/:id': {
    path: ({ referralId }) => `/api/v1/referrals/${referralId}`,
    expect: [401, 403, 403, 200, 404, 404, 200, 200, 200],
  },
  'GET /api/v1/calendars': { path: () => '/api/v1/calendars', expect: signedIn(200) },
  'POST /api/v1/calendars': {
    path: () => '/api/v1/calendars',
    body: ({ doctorId }) => ({ doctorId, detail: 'LIMITED' }),
    expect: [401, 404, 404, 404, 404, 404, 201, 201, 201],
  },
  'DELETE /api/v1/calendars/:id': {
    path: ({ calendarFeedId }) => `/api/v1/calendars/${calendarFeedId}`,
    expect: [401, 200, 404, 404, 404, 404, 404, 404, 404],
  },
  'GET /api/v1/calendars/:token.ics': { path: () => '/api/v1/calendars/unknown.ics', expect: all(404) },

  'GET /api/v1/faqs': { path: () => '/api/v1/faqs', expect: all(200) },
  'GET /api/v1/faqs/:id': { path: ({ faqId }) => `/api/v1/faqs/${faqId}`, expect: all(200) },
  'POST /api/v1/faqs': {
    path: () => '/api/v1/faqs',
    body: () => ({ locale: 'en', question: 'Is there parking?', answer: 'Yes.' }),
    expect: adminOnly(201),
  },
  'PUT /api/v1/faqs/:id': {
    path: ({ faqId }) => `/api/v1/faqs/${faqId}`,
    body: () => ({ answer: 'No.' }),
    expect: adminOnly(200),
  },
  'DELETE /api/v1/faqs/:id': { path: ({ faqId }) => `/api/v1/faqs/${faqId}`, expect: adminOnly(200) },

  'POST /api/v1/ai/chat': {
    path: () => '/api/v1/ai/chat',
    body: () => ({ message: 'How do I cancel an appointment?' }),
    expect: signedIn(200),
  },
  'GET /api/v1/ai/conversations': { path: () => '/api/v1/ai/conversations', expect: signedIn(200) },
  'GET /api/v1/ai/conversations/:id/messages': {
    path: ({ conversationId }) => `/api/v1/ai/conversations/${conversationId}/messages`,
    expect: [401, 200, ...all(404).slice(2)],
  },
  'GET /api/v1/ai/conversations/:id': {
    path: ({ conversationId }) => `/api/v1/ai/conversations/${conversationId}`,
    expect: [401, 200, ...all(404).slice(2)],
  },
  'DELETE /api/v1/ai/conversations/:id': {
    path: ({ conversationId }) => `/api/v1/ai/conversations/${conversationId}`,
    expect: [401, 200, ...all(404).slice(2)],
  },

  'GET /api/v1/notifications': { path: () => '/api/v1/notifications', expect: signedIn(200) },
  'POST /api/v1/notifications': {
    path: () => '/api/v1/notifications',
    body: ({ clinicId, clientId }) => ({
      clinicId,
      clientIds: [clientId],
      template: 'MESSAGE_FROM_CLINIC',
      channels: ['IN_APP'],
      message: 'Please come ten minutes early.',
    }),
    expect: [401, 403, 403, 403, 403, 403, 201, 201, 201],
  },
  'GET /api/v1/notifications/log': {
    path: () => '/api/v1/notifications/log',
    expect: [401, 403, 403, 403, 403, 200, 200, 200, 200],
  },
  'POST /api/v1/notifications/:id/read': {
    path: ({ inboxEntryId }) => `/api/v1/notifications/${inboxEntryId}/read`,
    expect: [401, 200, 404, 404, 404, 404, 404, 404, 404],
  },
  'POST /api/v1/notifications/:id/replay': {
    path: ({ deadLetterId }) => `/api/v1/notifications/${deadLetterId}/replay`,
    expect: [401, 403, 403, 403, 403, 404, 200, 200, 200],
  },
  'GET /api/v1/notifications/preferences': {
    path: () => '/api/v1/notifications/preferences',
    expect: signedIn(200),
  },
  'PUT /api/v1/notifications/preferences': {
    path: () => '/api/v1/notifications/preferences',
    body: () => ({ quietHours: { start: '22:00', end: '07:00' } }),
    expect: signedIn(200),
  },
  'POST /api/v1/notifications/devices': {
    path: () => '/api/v1/notifications/devices',
    body: () => ({ token: randomUUID(), platform: 'ANDROID' }),
    expect: signedIn(201),
  },
  'GET /api/v1/notifications/devices': { path: () => '/api/v1/notifications/devices', expect: signedIn(200) },
  'DELETE /api/v1/notifications/devices/:id': {
    path: ({ deviceId }) => `/api/v1/notifications/devices/${deviceId}`,
    expect: [401, 200, 404, 404, 404, 404, 404, 404, 404],
  },
  'DELETE /api/v1/notifications/devices': {
    path: () => '/api/v1/notifications/devices',
    body: () => ({ token: 'nobody-has-this-one' }),
    expect: signedIn(404),
  },
  'GET /links/:token': { path: () => '/links/not-signed.by-us', expect: all(404) },
  'POST /links/:token': { path: () => '/links/not-signed.by-us', expect: all(404) },

  'POST /api/v1/ops/queue-board': { path: () => '/api/v1/ops/queue-board', expect: operators },
  'POST /api/v1/ai/stroke-assessment': {
    path: () => '/api/v1/ai/stroke-assessment',
    // Without a sign: a sign results in 201 even if other fields are invalid.
    body: () => ({ symptoms: { face: false } }),
    expect: signedIn(201),
  },
  'GET /api/v1/ai/stroke-assessments': {
    path: () => '/api/v1/ai/stroke-assessments',
    expect: [401, 200, 200, 200, 200, 403, 403, 403, 403],
  },

  'GET /api/v1/favorites': { path: () => '/api/v1/favorites', expect: patients(200) },
  'POST /api/v1/favorites': {
    path: () => '/api/v1/favorites',
    body: ({ doctorId }) => ({ doctorId }),
    expect: patients(201),
  },
  'DELETE /api/v1/favorites/:doctorId': {
    path: ({ doctorId }) => `/api/v1/favorites/${doctorId}`,
    expect: patients(404),
  },
  'GET /dev/mail': { path: () => '/dev/mail', expect: all(200) },
  'GET /dev/mail.json': { path: () => '/dev/mail.json', expect: all(200) },
  'GET /dev/mail/:id': { path: () => `/dev/mail/${randomUUID()}`, expect: all(404) },
  'GET /dev/mail/:id/invite.ics': { path: () => `/dev/mail/${randomUUID()}/invite.ics`, expect: all(404) },

  'POST /api/v1/scans': {
    path: () => '/api/v1/scans',
    form: ({ clientId }) => createImageForm(clientId),
    expect: [401, 201, 404, 201, 404, 404, 201, 201, 403],
  },
  'GET /api/v1/scans': { path: () => '/api/v1/scans', expect: [401, 200, 200, 200, 200, 403, 403, 403, 403] },
  'GET /api/v1/scans/:id': { path: ({ scanId }) => `/api/v1/scans/${scanId}`, expect: imageReaders(200) },
  'GET /api/v1/scans/:id/file': {
    path: ({ scanId }) => `/api/v1/scans/${scanId}/file?variant=deidentified`,
    // The scan is not a DICOM file, so it has no de-identified copy.
    expect: imageReaders(404),
  },
  'GET /api/v1/scans/:id/thumbnail': {
    path: ({ scanId }) => `/api/v1/scans/${scanId}/thumbnail`,
    expect: imageReaders(200),
  },
  'DELETE /api/v1/scans/:id': {
    path: ({ scanId }) => `/api/v1/scans/${scanId}`,
    // The doctor did not upload it.
    expect: [401, 200, 404, 403, 404, 403, 403, 403, 403],
  },
  'POST /api/v1/scans/:id/analysis': {
    path: ({ scanId }) => `/api/v1/scans/${scanId}/analysis`,
    expect: imageReaders(202),
  },
  'GET /api/v1/scans/:id/analysis': {
    path: ({ scanId }) => `/api/v1/scans/${scanId}/analysis`,
    expect: imageReaders(200),
  },
  'POST /api/v1/scans/:id/analysis/sign': {
    path: ({ scanId }) => `/api/v1/scans/${scanId}/analysis/sign`,
    expect: [401, 403, 403, 200, 404, 403, 403, 403, 403],
  },
  'POST /api/v1/scan-sets': {
    path: () => '/api/v1/scan-sets',
    form: ({ clientId }) => createStudyForm(clientId),
    expect: [401, 201, 404, 201, 404, 404, 201, 201, 403],
  },
  'GET /api/v1/scan-sets': { path: () => '/api/v1/scan-sets', expect: [401, 200, 200, 200, 200, 403, 403, 403, 403] },
  'GET /api/v1/scan-sets/:id': {
    path: ({ scanSetId }) => `/api/v1/scan-sets/${scanSetId}`,
    expect: imageReaders(200),
  },
  'DELETE /api/v1/scan-sets/:id': {
    path: ({ scanSetId }) => `/api/v1/scan-sets/${scanSetId}`,
    // The doctor did not upload it.
    expect: [401, 200, 404, 403, 404, 403, 403, 403, 403],
  },
  'POST /api/v1/scan-sets/:id/analysis': {
    path: ({ scanSetId }) => `/api/v1/scan-sets/${scanSetId}/analysis`,
    expect: imageReaders(202),
  },
  'GET /api/v1/scan-sets/:id/analysis': {
    path: ({ scanSetId }) => `/api/v1/scan-sets/${scanSetId}/analysis`,
    expect: imageReaders(200),
  },
  'POST /api/v1/scan-sets/:id/analysis/sign': {
    path: ({ scanSetId }) => `/api/v1/scan-sets/${scanSetId}/analysis/sign`,
    expect: [401, 403, 403, 200, 404, 403, 403, 403, 403],
  },

  ...auditRoutes,
  ...paymentRoutes,
  ...exportRoutes,
  ...reportRoutes,
  ...identityRoutes,
  ...apiKeyRoutes,
  ...webhookRoutes,
  ...importRoutes,
  ...invitationRoutes,
  ...privacyRoutes,
  ...familyRoutes,
  ...mobile('/api'),
  ...mobile('/api/main'),
  'GET /config': { path: () => '/config', expect: all(200) },

  'GET /health': { path: () => '/health', expect: all(200) },
  'GET /api/v1/health': { path: () => '/api/v1/health', expect: all(200) },
  'GET /health/live': { path: () => '/health/live', expect: all(200) },
  'GET /health/ready': { path: () => '/health/ready', expect: all(200) },
  'GET /health/database': { path: () => '/health/database', expect: operators },
  'GET /health/modules': { path: () => '/health/modules', expect: operators },
  'GET /health/detailed': { path: () => '/health/detailed', expect: operators },
  'GET /api/v1/status': { path: () => '/api/v1/status', expect: operators },
  'GET /metrics': { path: () => '/metrics', expect: operators },
  'GET /api/v1/outbox/parked': { path: () => '/api/v1/outbox/parked', expect: operators },
  'POST /api/v1/outbox/:id/replay': {
    path: () => `/api/v1/outbox/${randomUUID()}/replay`,
    expect: [...operators.slice(0, -1), 404],
  },
};
