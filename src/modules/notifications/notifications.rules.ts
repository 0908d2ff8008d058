import { Zone } from '../../core/kernel/zone.js';
import type { ChannelName } from './channels/channel.js';
import type { MessageKind, NotificationKind } from './templates/templates.js';

const MINUTE = 60_000;

/** By which channels a kind goes out where the recipient has not said otherwise. SMS costs, so only what is urgent. */
export const DEFAULT_CHANNELS: Record<NotificationKind, readonly ChannelName[]> = {
  APPOINTMENT_BOOKED: ['IN_APP', 'EMAIL', 'PUSH'],
  APPOINTMENT_CONFIRMED: ['IN_APP', 'EMAIL', 'PUSH'],
  APPOINTMENT_MOVED: ['IN_APP', 'EMAIL', 'SMS', 'PUSH'],
  APPOINTMENT_CANCELLED: ['IN_APP', 'EMAIL', 'SMS', 'PUSH'],
  APPOINTMENT_REINSTATED: ['IN_APP', 'EMAIL', 'SMS', 'PUSH'],
  APPOINTMENT_REMINDER: ['IN_APP', 'EMAIL', 'SMS', 'PUSH'],
  MESSAGE_FROM_CLINIC: ['IN_APP', 'EMAIL', 'PUSH'],
};

/** Minutes of the user's local day; may run over midnight. */
export interface QuietHours {
  start: number;
  end: number;
}

export interface Preferences {
  channels: Partial<Record<NotificationKind, ChannelName[]>>;
  quietHours: QuietHours | null;
}

/** Only what rings waits for the morning. */
const RINGS: readonly ChannelName[] = ['SMS', 'PUSH'];
/** A message about a visit that is nearer than this after the quiet hours goes out in them. */
const TOO_NEAR_MINUTES = 60;

/** The instant until which a message must wait for the recipient's quiet hours to end; null: now. */
export function waitsUntil(
  preferences: Preferences,
  channel: ChannelName,
  zone: Zone,
  now: number,
  visitStart: number | null,
): number | null {
  const quiet = preferences.quietHours;
  if (!quiet || quiet.start === quiet.end || !RINGS.includes(channel)) return null;
  const minute = zone.minuteOfDay(now);
  const runsOver = quiet.start > quiet.end;
  const isQuiet = runsOver ? minute >= quiet.start || minute < quiet.end : minute >= quiet.start && minute < quiet.end;
  if (!isQuiet) return null;
  const endsTomorrow = runsOver && minute >= quiet.start;
  const day = zone.dayOf(now);
  const end = zone.boundary(endsTomorrow ? zone.addDays(day, 1) : day, quiet.end);
  // In the hour that the clocks repeat the end was passed already, though they show a quiet time once more.
  if (end <= now) return null;
  return visitStart !== null && visitStart - end < TOO_NEAR_MINUTES * MINUTE ? null : end;
}

/** What the appointment says now about a message that was planned earlier. */
export interface PlannedAbout {
  kind: MessageKind;
  version: number;
}

export interface AppointmentNow {
  status: string;
  scheduleVersion: number;
  startAt: Date;
}

const LIVE = ['PENDING', 'CONFIRMED'];

/** Why a planned message must not go out any more; null: it is as true as when it was planned. */
export function staleReason(
  planned: PlannedAbout,
  appointment: AppointmentNow | undefined,
  now: number,
): string | null {
  if (planned.kind === 'MESSAGE_FROM_CLINIC' || planned.kind === 'EMAIL_VERIFICATION') return null;
  if (!appointment) return 'APPOINTMENT_GONE';
  if (planned.kind === 'APPOINTMENT_CANCELLED') return appointment.status === 'CANCELLED' ? null : 'NOT_CANCELLED';
  if (!LIVE.includes(appointment.status)) return 'NOT_UPCOMING';
  if (planned.version < appointment.scheduleVersion) return 'MOVED';
  if (appointment.startAt.getTime() <= now) return 'VISIT_PAST';
  return null;
}

/** Whether the recipient chose this kind's channels, and not this one. What the desk sends by hand heeds it too. */
export function isUnwanted({ channels }: Preferences, kind: MessageKind, channel: ChannelName): boolean {
  if (kind === 'EMAIL_VERIFICATION') return false;
  return channel !== 'IN_APP' && channels[kind]?.includes(channel) === false;
}

const FIRST_RETRY_SECONDS = 2;
const LONGEST_RETRY_SECONDS = 3_600;
/** Attempts until a message is a dead letter: about four hours. */
export const MOST_ATTEMPTS = 15;

/** Seconds until the next attempt: doubled each time, with jitter, and never before the provider said. */
export function retryAfter(attempts: number, saidSeconds: number | undefined, random: () => number): number {
  const backoff = Math.min(FIRST_RETRY_SECONDS * 2 ** (attempts - 1), LONGEST_RETRY_SECONDS);
  return Math.max(saidSeconds ?? 0, backoff * (0.5 + random() / 2));
}

/** What becomes of a message after an attempt that failed and may be made again. */
export function afterFailure(attempts: number, reason: string, saidSeconds?: number) {
  if (attempts >= MOST_ATTEMPTS) return { state: 'FAILED', reason } as const;
  return { state: 'PENDING', reason, retryAfterSeconds: retryAfter(attempts, saidSeconds, Math.random) } as const;
}
