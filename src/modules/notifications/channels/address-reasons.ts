/** Enhanced status codes (RFC 3463, 7505) of an address that will never accept mail. */
export const DEAD_MAIL_STATUSES: ReadonlySet<string> = new Set(['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1']);
/** Twilio's codes of a number that cannot get our SMS: it does not exist, is not a mobile number, or has opted out (STOP). */
export const DEAD_NUMBER_CODES: ReadonlySet<number> = new Set([21211, 21214, 21217, 21610, 21614]);
/** FCM's codes of a token whose app was removed, or that belongs to another sender. */
export const DEAD_TOKEN_CODES: ReadonlySet<string> = new Set(['UNREGISTERED', 'SENDER_ID_MISMATCH']);
/** The reason if FCM says that a token has the wrong format. INVALID_ARGUMENT, its code, also means an invalid message. */
export const BAD_TOKEN_REASON = 'FCM_BAD_TOKEN';

const escaped = (texts: ReadonlySet<string | number>): string => [...texts].join('|').replaceAll('.', '\\.');

/**
 * A PostgreSQL regular expression for the reasons of deliveries that failed because of the recipient's address. The front desk
 * corrects these addresses; they do not mean that the channel has a fault.
 */
export const ADDRESS_REASON_PATTERN = `^(SMTP_BAD_ADDRESS|${BAD_TOKEN_REASON}|SMTP_\\d+_(${escaped(DEAD_MAIL_STATUSES)})|TWILIO_(${escaped(DEAD_NUMBER_CODES)})|FCM_(${escaped(DEAD_TOKEN_CODES)}))$`;
