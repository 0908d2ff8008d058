/** Enhanced status codes (RFC 3463, 7505) of an address that will never take mail. */
export const DEAD_MAIL_STATUSES: ReadonlySet<string> = new Set(['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1']);
/** Twilio's codes for a number that cannot get our SMS: no such number, not a mobile, opted out (STOP). */
export const DEAD_NUMBER_CODES: ReadonlySet<number> = new Set([21211, 21214, 21217, 21610, 21614]);
/** The app was removed, or the token belongs to another sender. */
export const DEAD_TOKEN_CODES: ReadonlySet<string> = new Set(['UNREGISTERED', 'SENDER_ID_MISMATCH']);

const escaped = (texts: ReadonlySet<string | number>): string => [...texts].join('|').replaceAll('.', '\\.');

/**
 * A PostgreSQL pattern for the reasons of messages that failed because of the recipient's address: those are for the front
 * desk to correct and say nothing about the channel.
 */
export const ADDRESS_REASONS = `^(SMTP_BAD_ADDRESS|SMTP_\\d+_(${escaped(DEAD_MAIL_STATUSES)})|TWILIO_(${escaped(DEAD_NUMBER_CODES)})|FCM_(${escaped(DEAD_TOKEN_CODES)}))$`;
