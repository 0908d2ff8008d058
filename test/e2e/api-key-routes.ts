const ROUTES = [
  'DELETE /api/v1/appointments/:id',
  'DELETE /api/v1/holds/:id',
  'GET /api/v1/appointments',
  'GET /api/v1/appointments/:id',
  'GET /api/v1/appointments/:id/calendar.ics',
  'GET /api/v1/appointments/:id/history',
  'GET /api/v1/clients',
  'GET /api/v1/clients/:id',
  'GET /api/v1/doctors/:id/schedule',
  'GET /api/v1/doctors/:id/schedule/exceptions',
  'GET /api/v1/notifications/log',
  'GET /api/v1/queue/board',
  'GET /api/v1/resources',
  'GET /api/v1/resources/:id',
  'GET /api/v1/resources/:id/schedule',
  'GET /api/v1/resources/:id/schedule/exceptions',
  'POST /api/v1/appointments',
  'POST /api/v1/appointments/:id/check-in',
  'POST /api/v1/appointments/:id/complete',
  'POST /api/v1/appointments/:id/confirm',
  'POST /api/v1/appointments/:id/no-show',
  'POST /api/v1/appointments/:id/reinstate',
  'POST /api/v1/appointments/:id/start',
  'POST /api/v1/appointments/series',
  'POST /api/v1/holds',
  'POST /api/v1/clients',
  'POST /api/v1/notifications',
  'POST /api/v1/notifications/:id/replay',
  'PUT /api/v1/appointments/:id',
  'PUT /api/v1/clients/:id',
];

/** Below both prefixes of the NeuroAid client. */
const MOBILE_ROUTES = [
  'DELETE /api/bookings/:id',
  'GET /api/bookings',
  'PATCH /api/bookings/:id',
  'POST /api/bookings',
];

/**
 * The routes that an API key can reach with the right permission, besides public ones. A new route with such a permission fails a test
 * until it is listed here: decide whether machines should have it. If not, give it another permission.
 */
export const API_KEY_ROUTES: readonly string[] = [
  ...ROUTES,
  ...MOBILE_ROUTES,
  ...MOBILE_ROUTES.map((route) => route.replace('/api/', '/api/main/')),
];
