import type { AccountMessageKind, LinkAction } from '../../account-links/index.js';
import { ACCOUNT_MAIL_WORDS } from './account-mail-words.js';
import { HTML, TEXT } from './engine.js';
import { PRIMARY_BUTTON, SECONDARY_BUTTON } from './layouts.js';
import { negotiate } from './locales.js';

/** The links of each mail. The first one is what most recipients want. */
const LINKS: Record<AccountMessageKind, LinkAction[]> = {
  EMAIL_VERIFICATION: ['verify', 'disown'],
  PASSWORD_RESET: ['reset-password'],
  EMAIL_CHANGE: ['change-email'],
  EMAIL_CHANGE_REQUESTED: ['stop-email-change'],
  EMAIL_CHANGED: [],
  EMAIL_IN_USE: [],
  PASSWORD_CHANGED: [],
  MFA_ENABLED: [],
  MFA_DISABLED: [],
  MFA_RESET: [],
  MFA_CODES_RENEWED: [],
  MFA_CODE_USED: [],
  IDENTITY_LINKED: [],
  IDENTITY_REMOVED: [],
  API_KEY_CREATED: [],
};

interface AccountMail {
  subject: string;
  text: string;
  html: string;
}

/** A mail about an account. It contains no name, because whoever registered with the address could have entered any name. */
export function accountMail(
  kind: AccountMessageKind,
  wantedLocale: string,
  getUrl: (action: LinkAction) => string,
): AccountMail {
  const { language, direction } = negotiate(wantedLocale);
  const { greeting, footer, mails, buttons } = ACCOUNT_MAIL_WORDS[language];
  const { subject, lead } = mails[kind];
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
