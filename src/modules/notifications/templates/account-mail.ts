import type { AccountMessageKind, LinkAction } from '../../account-links/index.js';
import { ACCOUNT_MAIL_WORDS } from './account-mail-words.js';
import { HTML, TEXT } from './engine.js';
import { PRIMARY_BUTTON, SECONDARY_BUTTON } from './layouts.js';
import { negotiate } from './locales.js';
import { oneLine } from '../../../core/kernel/names.js';

/** The links of each mail. The first one is what most recipients want. */
const LINKS: Record<AccountMessageKind, LinkAction[]> = {
  EMAIL_VERIFICATION: ['verify', 'disown'],
  STAFF_EMAIL_VERIFICATION: ['verify'],
  PASSWORD_RESET: ['reset-password'],
  EMAIL_CHANGE: ['change-email'],
  EMAIL_CHANGE_REQUESTED: ['stop-email-change'],
  EMAIL_CHANGED: [],
  EMAIL_IN_USE: [],
  PASSWORD_CHANGED: [],
  PHONE_CHANGED: [],
  MFA_ENABLED: [],
  MFA_DISABLED: [],
  MFA_RESET: [],
  MFA_CODES_RENEWED: [],
  MFA_CODE_USED: [],
  REFRESH_TOKEN_REUSED: [],
  IDENTITY_LINKED: [],
  IDENTITY_REMOVED: [],
  API_KEY_CREATED: [],
  WEBHOOK_PAUSED: [],
  INVITATION: ['accept-invitation'],
  INVITATION_TO_JOIN: ['accept-invitation'],
  BREAK_GLASS_OPENED: [],
  RECORD_OPENED: [],
};

interface AccountMail {
  subject: string;
  text: string;
  html: string;
}

/** A mail about an account. It contains no name of a person, because whoever registered with the address could have entered any name. */
export function accountMail(
  kind: AccountMessageKind,
  wantedLocale: string,
  getUrl: (action: LinkAction) => string,
  clinicName: string | null,
): AccountMail {
  const { language, direction } = negotiate(wantedLocale);
  const words = ACCOUNT_MAIL_WORDS[language];
  const { greeting, footer, mails, buttons } = words;
  const fill = fillClinic(words, clinicName);
  const [subject, lead] = [fill(mails[kind].subject), fill(mails[kind].lead)];
  const parts = {
    language,
    direction,
    subject,
    title: subject,
    greeting,
    lead,
    awaitsConfirmation: null,
    note: null,
    rows: [],
    buttons: LINKS[kind].map((action, index) => ({
      label: buttons[action],
      url: getUrl(action),
      style: index === 0 ? PRIMARY_BUTTON : SECONDARY_BUTTON,
    })),
    footer,
    unsubscribe: null,
    unsubscribeUrl: null,
  };
  return { subject, text: TEXT[language].layout(parts), html: HTML[language].layout(parts) };
}

/** The SMS about an account: one sentence and the link. Only invitations are sent by SMS. */
export function accountText(
  kind: AccountMessageKind,
  wantedLocale: string,
  getUrl: (action: LinkAction) => string,
  clinicName: string | null,
): { subject: string; text: string } {
  const words = ACCOUNT_MAIL_WORDS[negotiate(wantedLocale).language];
  const fill = fillClinic(words, clinicName);
  return { subject: fill(words.mails[kind].subject), text: `${fill(words.sms)} ${getUrl('accept-invitation')}` };
}

/** @returns a function that puts the name of the clinic into a text */
function fillClinic({ service }: { service: string }, clinicName: string | null): (text: string) => string {
  const clinic = clinicName === null ? service : oneLine(clinicName);
  return (text) => text.replaceAll('{{clinic}}', () => clinic);
}
