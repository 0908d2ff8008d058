import { Counter } from 'prom-client';
import type { Actor } from '../../core/kernel/actor.js';
import { DomainError, ERROR_STATUS } from '../../core/kernel/domain-error.js';
import { registry } from '../../core/metrics/registry.js';
import { isConflict } from './appointment.errors.js';

type BookingSource = 'patient' | 'clinic' | 'api_key' | 'link' | 'waitlist' | 'payment';

const bookings = new Counter({
  name: 'careslot_bookings_total',
  help: 'Requests to book by outcome (booked, conflict, refused, failed), reason of a refusal or failure, and source. A series counts once',
  labelNames: ['outcome', 'reason', 'source'] as const,
  registers: [registry],
});

export function toBookingSource({ role, apiKey }: Actor): BookingSource {
  if (apiKey) return 'api_key';
  return role === 'CLIENT' ? 'patient' : 'clinic';
}

/** Books, and counts the outcome. @throws what `book` throws */
export async function countBooking<T>(source: BookingSource, book: () => Promise<T>): Promise<T> {
  try {
    const booked = await book();
    bookings.inc({ outcome: 'booked', reason: '', source });
    return booked;
  } catch (error) {
    bookings.inc({ ...toOutcome(error), source });
    throw error;
  }
}

/** The reasons come from code, never from a request, so their number is limited. */
function toOutcome(error: unknown): { outcome: string; reason: string } {
  if (isConflict(error)) return { outcome: 'conflict', reason: '' };
  if (!(error instanceof DomainError)) return { outcome: 'failed', reason: 'INTERNAL_ERROR' };
  if (ERROR_STATUS[error.code] >= 500) return { outcome: 'failed', reason: error.code };
  const { reason } = (error.details ?? {}) as { reason?: unknown };
  return { outcome: 'refused', reason: typeof reason === 'string' ? reason : error.code };
}
