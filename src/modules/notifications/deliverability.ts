import { Zone } from '../../core/kernel/zone.js';
import { isAccountMessage } from '../account-links/index.js';
import type { AppointmentDetails } from '../appointments/index.js';
import type { ChannelName } from './channels/channel.js';
import type { Delivery, DeliveryResult } from './deliveries.repository.js';
import type { Preferences } from './notification-preference.entity.js';
import type { MessageKind, NotificationKind } from './templates/message-kinds.js';

const MINUTE_MILLISECONDS = 60_000;

/** The channels of each kind for recipients who have chosen none. SMS costs money, so it carries only what is urgent. */
export const DEFAULT_CHANNELS: Record<NotificationKind, readonly ChannelName[]> = {
  APPOINTMENT_BOOKED: ['IN_APP', 'EMAIL', 'PUSH'],
  APPOINTMENT_CONFIRMED: ['IN_APP', 'EMAIL', 'PUSH'],
  APPOINTMENT_MOVED: ['IN_APP', 'EMAIL', 'SMS', 'PUSH'],
  APPOINTMENT_CANCELLED: ['IN_APP', 'EMAIL', 'SMS', 'PUSH'],
  APPOINTMENT_REINSTATED: ['IN_APP', 'EMAIL', 'SMS', 'PUSH'],
  APPOINTMENT_REMINDER: ['IN_APP', 'EMAIL', 'SMS', 'PUSH'],
  // An offer ends soon, so it uses SMS too.
  WAITLIST_OFFER: ['IN_APP', 'EMAIL', 'SMS', 'PUSH'],
  REFERRAL_REMINDER: ['IN_APP', 'EMAIL', 'PUSH'],
  PAYMENT_REFUNDED: ['IN_APP', 'EMAIL', 'PUSH'],
  DAILY_REPORT: ['IN_APP', 'EMAIL'],
  MESSAGE_FROM_CLINIC: ['IN_APP', 'EMAIL', 'PUSH'],
};

/** The result of a notice of a move that was undone before the recipient was notified of it. */
export const NOTHING_NEW: DeliveryResult = { state: 'SKIPPED', reason: 'NOTHING_NEW' };

/** Checks whether a delivery that is due may be sent now. Returns null if it may, otherwise the result to save. */
export function deliverability(delivery: Delivery, appointment: AppointmentDetails | undefined): DeliveryResult | null {
  const { attempts, channel, kind, preferences } = delivery;
  if (delivery.isRecipientDeleted) return skipped('RECIPIENT_GONE');
  // The last attempt has no result, because its process died.
  if (attempts > MAX_ATTEMPTS) return { state: 'FAILED', reason: 'TOO_MANY_ATTEMPTS' };
  if (isAccountMessage(kind)) return delivery.isLinkUsable ? null : skipped('LINK_OVER');
  if (!delivery.hasTrustedAddress && (channel === 'EMAIL' || channel === 'SMS')) return skipped('ADDRESS_NOT_VERIFIED');
  if (delivery.isConsentWithdrawn) return skipped('CONSENT_WITHDRAWN');
  if (appointment && !isRecipient(delivery, appointment)) return skipped('NOT_RECIPIENT');
  if (kind === 'DAILY_REPORT' && !delivery.isReportReader) return skipped('NOT_RECIPIENT');
  if (kind === 'WAITLIST_OFFER' && !delivery.offerExpiresAt) return skipped('OFFER_OVER');
  const now = delivery.now.getTime();
  // The version is that of the appointment for which the notice was planned. Of the others, AppointmentCache has selected
  // those of which the notice is still true.
  const isPlannedFor = !appointment || appointment.id === delivery.appointmentId;
  const stale = staleReason(isPlannedFor ? delivery : { ...delivery, version: Infinity }, appointment, now);
  if (stale) return skipped(stale);
  if (delivery.isOvertaken) return skipped('OVERTAKEN');
  if (isUnwanted(preferences, kind, channel)) return skipped('UNWANTED');
  const zone = Zone.of(Zone.isValid(delivery.timeZone) ? delivery.timeZone : 'UTC');
  const until = quietUntil(
    preferences,
    channel,
    zone,
    now,
    (appointment?.startAt ?? delivery.offerExpiresAt)?.getTime() ?? null,
  );
  return until === null ? null : { state: 'POSTPONED', until };
}

/** The patient, or a guardian who may act for the patient now. */
const isRecipient = ({ userId }: Delivery, { clientUserId, guardianUserIds }: AppointmentDetails): boolean =>
  userId === clientUserId || guardianUserIds.includes(userId);

const skipped = (reason: string): DeliveryResult => ({ state: 'SKIPPED', reason });

/** The channels that make a sound: their deliveries wait for the end of the quiet hours. */
const AUDIBLE: readonly ChannelName[] = ['SMS', 'PUSH'];
/** A delivery is sent during quiet hours if its appointment starts, or its offer ends, less than this time after their end. */
const MIN_NOTICE_MINUTES = 60;

/** Returns the end of the recipient's quiet hours if the delivery must wait for it; null if it may be sent now. */
export function quietUntil(
  preferences: Preferences,
  channel: ChannelName,
  zone: Zone,
  now: number,
  neededBefore: number | null,
): number | null {
  const quiet = preferences.quietHours;
  if (!quiet || quiet.start === quiet.end || !AUDIBLE.includes(channel)) return null;
  const minute = zone.minuteOfDay(now);
  const spansMidnight = quiet.start > quiet.end;
  const isQuiet = spansMidnight
    ? minute >= quiet.start || minute < quiet.end
    : minute >= quiet.start && minute < quiet.end;
  if (!isQuiet) return null;
  const endsTomorrow = spansMidnight && minute >= quiet.start;
  const day = zone.toDay(now);
  const end = zone.boundary(endsTomorrow ? zone.addDays(day, 1) : day, quiet.end);
  // When the clocks go back, the repeated hour shows a quiet time again after the quiet hours have ended.
  if (end <= now) return null;
  return neededBefore !== null && neededBefore - end < MIN_NOTICE_MINUTES * MINUTE_MILLISECONDS ? null : end;
}

interface PlannedMessage {
  kind: MessageKind;
  /** Of a reminder of a referral: whether it can still be used, by this recipient. */
  isReferralOpen?: boolean;
  /** The version of the appointment for which the notification was planned; see Delivery. */
  version: number;
}

interface CurrentAppointment {
  status: string;
  /** The version at which its time or doctor last changed. */
  scheduleVersion: number;
  startAt: Date;
}

/** Whether the appointment is still to come, by its status. */
export const isUpcoming = ({ status }: { status: string }): boolean => status === 'PENDING' || status === 'CONFIRMED';

const HAS_NO_APPOINTMENT: readonly MessageKind[] = [
  'MESSAGE_FROM_CLINIC',
  'WAITLIST_OFFER',
  'PAYMENT_REFUNDED',
  'DAILY_REPORT',
];

/** Returns why a notification no longer fits its appointment; null if it fits. */
export function staleReason(
  planned: PlannedMessage,
  appointment: CurrentAppointment | undefined,
  now: number,
): string | null {
  if (HAS_NO_APPOINTMENT.includes(planned.kind) || isAccountMessage(planned.kind)) return null;
  if (planned.kind === 'REFERRAL_REMINDER') return planned.isReferralOpen ? null : 'REFERRAL_CLOSED';
  if (!appointment) return 'APPOINTMENT_GONE';
  if (planned.kind === 'APPOINTMENT_CANCELLED') return appointment.status === 'CANCELLED' ? null : 'NOT_CANCELLED';
  if (!isUpcoming(appointment)) return 'NOT_UPCOMING';
  if (planned.version < appointment.scheduleVersion) return 'MOVED';
  if (appointment.startAt.getTime() <= now) return 'VISIT_PAST';
  return null;
}

/** Whether the recipient has turned this channel off for this kind. This applies to messages from the front desk too. */
function isUnwanted({ channels }: Preferences, kind: MessageKind, channel: ChannelName): boolean {
  if (isAccountMessage(kind)) return false;
  return channel !== 'IN_APP' && channels[kind]?.includes(channel) === false;
}

const FIRST_RETRY_SECONDS = 2;
const MAX_RETRY_SECONDS = 3_600;
/** After so many attempts, within two to four hours, a delivery is a dead letter. */
const MAX_ATTEMPTS = 15;

/** Returns the seconds until the next attempt: doubled each time, with jitter, and at least what the provider asked for. */
export function retryDelaySeconds(
  attempts: number,
  requestedSeconds: number | undefined,
  random: () => number,
): number {
  const backoff = Math.min(FIRST_RETRY_SECONDS * 2 ** (attempts - 1), MAX_RETRY_SECONDS);
  return Math.max(requestedSeconds ?? 0, backoff * (0.5 + random() / 2));
}

/** Returns the result of a failed attempt: a retry, or a dead letter after the last attempt. */
export function retryOrFail(attempts: number, reason: string, requestedSeconds?: number) {
  if (attempts >= MAX_ATTEMPTS) return { state: 'FAILED', reason } as const;
  const retryAfterSeconds = retryDelaySeconds(attempts, requestedSeconds, Math.random);
  return { state: 'PENDING', reason, retryAfterSeconds } as const;
}
