import Handlebars from 'handlebars';
import {
  INVITATION_WORDS,
  type InvitationButton,
  type InvitationLabel,
  type InvitationPageKind,
} from './invitation-page-words.js';
import { LINK_WORDS, type LinkButton, type LinkLabel, type LinkPageKind } from './link-page-words.js';
import { TIME_WORDS, type TimeButton, type TimePageKind } from './time-page-words.js';
import { negotiate } from './templates/locales.js';
import { formatTime, usableZone } from './templates/time-format.js';
import { oneLine } from '../../core/kernel/names.js';

export type PageKind = InvitationPageKind | LinkPageKind | TimePageKind;

export interface PageFacts {
  /** BCP 47; English if the language is not supported. Null: that of the browser. */
  locale: string | null;
  clinicName?: string;
  clinicPhone?: string | null;
  doctorName?: string;
  start?: number;
  timeZone?: string;
  /** The fields of the form. Default: those of the kind of page. */
  fields?: readonly PageField[];
  /** The times to choose from. */
  times?: TimesToChoose;
}

export interface TimesToChoose {
  days: { heading: string; times: { value: string; label: string }[] }[];
  /** Queries of the address of this page. */
  links: { query: string; label: string }[];
}

/** Names of form fields. */
export type PageField = 'password' | 'currentPassword' | 'dateOfBirth' | 'email' | 'otp';

const BUTTONS: Partial<Record<PageKind, LinkButton | InvitationButton | TimeButton>> = {
  CONFIRM: 'confirm',
  CANCEL: 'cancel',
  UNSUBSCRIBE: 'unsubscribe',
  ACCEPT_OFFER: 'acceptOffer',
  DECLINE_OFFER: 'declineOffer',
  VERIFY: 'verify',
  DISOWN: 'disown',
  RESET_PASSWORD: 'setPassword',
  WEAK_PASSWORD: 'setPassword',
  CHANGE_EMAIL: 'verify',
  STOP_EMAIL_CHANGE: 'stop',
  ACCEPT_INVITATION: 'accept',
  WEAK_FIRST_PASSWORD: 'accept',
  WRONG_BIRTH_DATE: 'accept',
  CHOOSE_ADDRESS: 'send',
  WRONG_ADDRESS: 'send',
  JOIN_CLINIC: 'accept',
  JOIN_REFUSED: 'accept',
  RESCHEDULE: 'choose',
  REBOOK: 'choose',
  TIME_TAKEN: 'choose',
  NOTHING_CHOSEN: 'choose',
};

/** After an invitation by SMS, the form asks for an address, and its button only sends a link to it. */
const getButton = (
  kind: PageKind,
  fields: readonly PageField[],
): LinkButton | InvitationButton | TimeButton | undefined =>
  kind === 'WRONG_BIRTH_DATE' && fields.includes('email') ? 'send' : BUTTONS[kind];

/** Pages with a field for a new password. */
const PASSWORD_PAGES: readonly PageKind[] = ['RESET_PASSWORD', 'WEAK_PASSWORD'];

/** The inputs of the fields: the label, and the rest of the HTML element. */
const INPUTS: Record<PageField, { label: LinkLabel | InvitationLabel; input: string }> = {
  password: {
    label: 'newPassword',
    input: 'type="password" name="password" autocomplete="new-password" minlength="8" maxlength="128" required',
  },
  currentPassword: {
    label: 'password',
    input: 'type="password" name="password" autocomplete="current-password" maxlength="128" required',
  },
  dateOfBirth: { label: 'birthDate', input: 'type="date" name="dateOfBirth" autocomplete="bday" required' },
  email: { label: 'email', input: 'type="email" name="email" autocomplete="email" maxlength="254" required' },
  otp: { label: 'code', input: 'name="otp" autocomplete="one-time-code" maxlength="100"' },
};

/** The page has no script. Its form posts to the address of the page. */
const page = Handlebars.compile<Record<string, unknown>>(
  `<!doctype html>
<html lang="{{language}}" dir="{{direction}}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
<title>CareSlot</title>
<style>
  body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 32rem; margin: 4rem auto; padding: 0 1rem }
  input:not([type=radio]) { font: inherit; padding: .5rem; width: 100%; box-sizing: border-box }
  fieldset { border: 1px solid #8886; border-radius: .4rem; margin: 0 0 1rem; padding: .5rem 1rem }
  legend { font-weight: 600 }
  .time { display: inline-block; min-width: 6rem; padding: .5rem .25rem; white-space: nowrap }
  .choose { position: sticky; bottom: 0; padding: .5rem 0; background: #fff }
  button { font: inherit; padding: .6rem 1.2rem; border: 0; border-radius: .4rem; background: #0b6e4f; color: #fff }
</style>
<h1>{{heading}}</h1>
{{#if clinic}}<p><bdi>{{clinic}}</bdi>{{#if phone}} · <bdi dir="ltr">{{phone}}</bdi>{{/if}}</p>{{/if}}
{{#if doctor}}<p><bdi>{{doctor}}</bdi>{{#if time}}<br><bdi>{{time}}</bdi>{{/if}}</p>{{/if}}
{{#if button}}<form method="post">{{#each times.days}}<fieldset><legend>{{heading}}</legend>
{{#each times}}<label class="time"><input type="radio" name="start" value="{{value}}" required> {{label}}</label>
{{/each}}</fieldset>
{{/each}}{{#each fields}}<p><label>{{label}}<br>
<input {{{input}}}></label></p>
{{/each}}<p{{#if times}} class="choose"{{/if}}><button>{{button}}</button></p></form>{{/if}}
{{#if times.links}}<nav>{{#each times.links}}<p><a href="{{query}}">{{label}}</a></p>{{/each}}</nav>{{/if}}
</html>`,
);

/** These pages need styles and a form, which the policy of the API does not allow. */
export const PAGE_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
  // The address of the page has the token.
  'Referrer-Policy': 'no-referrer',
};

/** @param browserLanguage for facts without a locale */
export function renderLinkPage(kind: PageKind, facts: PageFacts, browserLanguage = 'en'): string {
  const locale = negotiate(facts.locale ?? browserLanguage);
  const words = {
    ...LINK_WORDS[locale.language],
    ...INVITATION_WORDS[locale.language],
    ...TIME_WORDS[locale.language],
  };
  const fields = facts.fields ?? (PASSWORD_PAGES.includes(kind) ? (['password'] as const) : []);
  const button = getButton(kind, fields);
  const { start, timeZone = 'UTC' } = facts;
  return page({
    language: locale.language,
    direction: locale.direction,
    heading: words[kind],
    clinic: facts.clinicName && oneLine(facts.clinicName),
    phone: facts.clinicPhone ?? undefined,
    doctor: facts.doctorName && oneLine(facts.doctorName),
    time: start === undefined ? undefined : formatTime(start, usableZone(timeZone), locale).long,
    times: facts.times,
    button: button && (!facts.times || facts.times.days.length > 0) ? words[button] : undefined,
    fields: fields.map((field) => ({ label: words[INPUTS[field].label], input: INPUTS[field].input })),
  });
}
