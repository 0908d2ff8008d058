import { randomBytes } from 'node:crypto';
import { verify } from '@node-rs/argon2';
import express, { type NextFunction, type Request, type Response } from 'express';
import jwt from 'jsonwebtoken';
import { Pool } from 'pg';
import { v7 } from 'uuid';
import { ACCESS_TOKEN, toClaims, type AccessClaims } from '../../src/core/security/tokens.js';
import { createServer, env, key, listen, readClaims } from './bare-server.js';
import { BOOK, FIND_DOCTOR, FIND_USER, LIST_DOCTORS, LIST_SERVICES, AVAILABILITY, type Statement } from './sql.js';
import { freeStarts, getQueryWindow, type AvailabilityRow } from './slots.js';

/**
 * The reference for CareSlot: the same responses from the same tables with only Express 5 and pg, without the rest that
 * CareSlot does (security headers, limits, log lines, validation, idempotency, audit, events).
 */

const MINUTE = 60_000;
const DAY = 86_400_000;
const EXPIRES_IN_SECONDS = 900;
const ALTERNATIVES_WITHIN = 14 * DAY;

const pool = new Pool({ connectionString: env('DATABASE_URL'), max: Number(env('DATABASE_POOL_SIZE')) });

const rows = async <Row extends object>({ name, text }: Statement, values: unknown[]): Promise<Row[]> =>
  (await pool.query<Row>({ name, text, values })).rows;

const success = (data: unknown, message = 'OK', meta?: object): object => ({
  success: true,
  data,
  message,
  timestamp: new Date().toISOString(),
  ...(meta && { meta }),
});

const fail = (response: Response, status: number, code: string, message: string, details: unknown = null): void => {
  const requestId = response.getHeader('X-Request-Id') ?? null;
  response.status(status).json({
    success: false,
    error: { code, message, details },
    timestamp: new Date().toISOString(),
    requestId,
  });
};

interface SignedIn extends Request {
  claims?: AccessClaims;
}

function signedIn(request: SignedIn, response: Response, next: NextFunction): void {
  try {
    request.claims = readClaims(request);
    next();
  } catch {
    fail(response, 401, 'UNAUTHENTICATED', 'A valid access token is needed.');
  }
}

const app = createServer();

app.get('/api/v1/doctors', signedIn, async (request, response) => {
  const limit = Number(request.query.limit ?? 20);
  const found = await rows<{ lastName: string; id: string }>(LIST_DOCTORS, [limit + 1]);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const nextCursor =
    found.length > limit && last ? Buffer.from(JSON.stringify([last.lastName, last.id])).toString('base64url') : null;
  response.json(success(items, 'OK', { limit, nextCursor }));
});

app.get('/api/v1/services', signedIn, async (request, response) => {
  const limit = Number(request.query.limit ?? 20);
  const found = await rows<{ id: string }>(LIST_SERVICES, [limit + 1]);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const nextCursor = found.length > limit && last ? Buffer.from(JSON.stringify([last.id])).toString('base64url') : null;
  response.json(success(items, 'OK', { limit, nextCursor }));
});

app.get('/api/v1/doctors/:id', signedIn, async (request, response) => {
  const [doctor] = await rows(FIND_DOCTOR, [request.params.id]);
  if (doctor) response.json(success(doctor));
  else fail(response, 404, 'NOT_FOUND', 'There is nothing here.');
});

async function getSlots(serviceId: string, doctorId: string, from: number, to: number): Promise<object[] | null> {
  const [start, end] = getQueryWindow(from, to);
  const window = [new Date(start).toISOString(), new Date(end).toISOString()];
  const [row] = await rows<AvailabilityRow>(AVAILABILITY, [serviceId, doctorId, ...window]);
  if (!row) return null;
  return freeStarts(row, from, to, Date.now()).map((begins) => ({
    startDateTime: new Date(begins).toISOString(),
    endDateTime: new Date(begins + row.duration * MINUTE).toISOString(),
    doctorId,
  }));
}

app.get('/api/v1/availability', signedIn, async (request, response) => {
  const { serviceId, doctorId, from, to } = request.query as Record<string, string>;
  const slots = await getSlots(serviceId ?? '', doctorId ?? '', Date.parse(from ?? ''), Date.parse(to ?? ''));
  if (slots) response.json(success(slots));
  else fail(response, 404, 'NOT_FOUND', 'There is nothing here.');
});

async function findAlternatives(serviceId: string, doctorId: string, wanted: number): Promise<object[]> {
  const day = Math.floor(wanted / DAY) * DAY;
  const slots = (await getSlots(serviceId, doctorId, day - ALTERNATIVES_WITHIN, day + ALTERNATIVES_WITHIN)) ?? [];
  return (slots as { startDateTime: string }[])
    .map((slot) => ({ slot, distance: Math.abs(Date.parse(slot.startDateTime) - wanted) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ slot }) => slot);
}

interface Booking {
  serviceId: string;
  doctorId: string;
  clientId: string;
  startDateTime: string;
  notes?: string;
}

const isBooking = (body: unknown): body is Booking => {
  const fields = (body ?? {}) as Record<string, unknown>;
  return ['serviceId', 'doctorId', 'clientId', 'startDateTime'].every((name) => typeof fields[name] === 'string');
};

const isForeignKeyViolation = (error: unknown): boolean => (error as { code?: string }).code === '23503';

/** Does not use pool.query(), which closes the connection after any error: a lost race is a common error here. */
async function book(values: unknown[]): Promise<object[]> {
  const client = await pool.connect();
  try {
    return (await client.query<object>({ ...BOOK, values })).rows;
  } catch (error) {
    if (isForeignKeyViolation(error)) return [];
    throw error;
  } finally {
    client.release();
  }
}

app.post('/api/v1/appointments', signedIn, express.json(), async (request: SignedIn, response: Response) => {
  const body: unknown = request.body;
  if (!isBooking(body)) return fail(response, 400, 'VALIDATION_ERROR', 'Some fields are not valid.');
  const { serviceId, doctorId, clientId, startDateTime, notes = null } = body;
  const booked = await book([v7(), serviceId, doctorId, startDateTime, clientId, notes, request.claims?.sub]);
  if (booked[0]) return void response.status(201).json(success(booked[0], 'Booked.'));
  const alternatives = request.headers['x-alternatives']
    ? await findAlternatives(serviceId, doctorId, Date.parse(startDateTime))
    : [];
  fail(response, 409, 'APPOINTMENT_CONFLICT', 'That time has just been taken.', {
    conflictingWith: 'DOCTOR',
    alternatives,
  });
});

interface UserRow {
  id: string;
  passwordHash: string;
  role: AccessClaims['role'];
  clientId: string | null;
  doctorId: string | null;
  clinicIds: string[];
}

app.post('/api/v1/auth/login', express.json(), async (request, response) => {
  const { email, password } = request.body as { email: string; password: string };
  const [found] = await rows<UserRow>(FIND_USER, [email]);
  if (!found || !(await verify(found.passwordHash, password))) {
    return fail(response, 401, 'INVALID_CREDENTIALS', 'Wrong address or password.');
  }
  const { passwordHash: _, ...user } = found;
  const claims = toClaims({ ...user, userId: user.id, sessionId: v7() });
  const accessToken = jwt.sign(claims, key, {
    algorithm: ACCESS_TOKEN.algorithm,
    issuer: ACCESS_TOKEN.issuer,
    audience: ACCESS_TOKEN.audience,
    expiresIn: EXPIRES_IN_SECONDS,
  });
  const refreshToken = randomBytes(32).toString('base64url');
  response.json(success({ user, accessToken, refreshToken, expiresIn: EXPIRES_IN_SECONDS }));
});

app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  fail(response, 500, 'INTERNAL_ERROR', 'Something went wrong.');
});

listen(app, () => pool.end());
