import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../core/config/config.js';
import { AppointmentEventCodec, type AppointmentEventView } from './appointment-event.js';
import type { AppointmentView } from './appointments.dto.js';

const at = new Date('2026-11-23T09:00:00.000Z');

const VIEW: AppointmentView = {
  id: '019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10',
  clinicId: '019abe4c-7a52-7c61-9d1e-3f1f6b7f8a11',
  clientId: '019abe4c-7a52-7c61-9d1e-3f1f6b7f8a12',
  doctorId: '019abe4c-7a52-7c61-9d1e-3f1f6b7f8a13',
  serviceId: '019abe4c-7a52-7c61-9d1e-3f1f6b7f8a14',
  resourceIds: [],
  startDateTime: at,
  endDateTime: at,
  status: 'CONFIRMED',
  notes: 'the patient’s',
  staffNotes: 'the desk’s',
  insuranceNote: null,
  seriesId: null,
  groupId: null,
  price: { amount: 50_000, currency: 'EGP', taxBasisPoints: 0 },
  version: 3,
  clientConfirmedAt: at,
  checkedInAt: at,
  startedAt: null,
  completedAt: null,
  cancelledAt: null,
  cancelReason: null,
  createdAt: at,
  updatedAt: at,
};
const AUDIENCE = { clientUserId: '019abe4c-7a52-7c61-9d1e-3f1f6b7f8a15', timeZone: 'Africa/Cairo' };

const codec = (secrets: Record<string, string> = {}): AppointmentEventCodec =>
  new AppointmentEventCodec(
    loadConfig({
      NODE_ENV: 'test',
      DATABASE_URL: 'postgres://localhost/x',
      REDIS_URL: 'redis://localhost',
      JWT_SECRET: 'a-secret-of-the-tests-only-0123456789',
      ...secrets,
    }),
  );

const toJson = (payload: object): Record<string, unknown> => JSON.parse(JSON.stringify(payload));

describe('the payload of an appointment event', () => {
  it('restores the appointment from JSON', () => {
    const eventView: AppointmentEventView = { view: VIEW, ...AUDIENCE };
    const payload = toJson(codec().toPayload(VIEW, eventView, { action: 'rescheduled', changed: ['TIME'] }));
    expect(codec().read(payload)).toEqual({ view: VIEW, ...AUDIENCE });
    expect(JSON.stringify(payload)).not.toMatch(/the patient|the desk/);
    expect(payload).toMatchObject({ id: VIEW.id, version: 3, action: 'rescheduled', changed: ['TIME'], ...AUDIENCE });
  });

  it('encrypts nothing if there is no text', () => {
    const { staffNotes: _, ...patientView } = { ...VIEW, notes: null };
    const payload = toJson(codec().toPayload(patientView, AUDIENCE, { action: 'booked' }));
    expect(payload.sealed).toBeUndefined();
    expect(codec().read(payload)?.view).toEqual({ ...VIEW, notes: null, staffNotes: null });
  });

  it('is readable with the previous secret, but not with another secret or in the event of another appointment', () => {
    const payload = toJson(codec().toPayload(VIEW, AUDIENCE, { action: 'booked' }));
    const JWT_SECRET = 'another-secret-of-the-tests-0123456789';
    const rotated = codec({ JWT_SECRET, JWT_SECRET_PREVIOUS: 'a-secret-of-the-tests-only-0123456789' });
    expect(rotated.read(payload)?.view.notes).toBe(VIEW.notes);
    expect(codec({ JWT_SECRET }).read(payload)).toBeNull();
    const moved = { ...payload, appointment: { ...(payload.appointment as object), id: VIEW.clinicId } };
    expect(codec().read(moved)).toBeNull();
  });

  it('is incomplete without the appointment or its patient', () => {
    const payload = toJson(codec().toPayload(VIEW, { timeZone: 'UTC' }, { action: 'booked' }));
    expect(codec().read(payload)).toBeNull();
    expect(codec().read({ ...payload, ...AUDIENCE })?.clientUserId).toBe(AUDIENCE.clientUserId);
    expect(codec().read({ id: VIEW.id, version: 3, action: 'booked' })).toBeNull();
  });
});
