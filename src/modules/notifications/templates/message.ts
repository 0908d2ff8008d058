import { asHtml, bdi, HTML, TEXT, type CompiledWords } from './engine.js';
import { formatMoney } from '../../payments/index.js';
import type { Locale } from './locales.js';
import { oneLine, personName } from '../../../core/kernel/names.js';
import { isolate, manyLines, shorten } from './safe-text.js';
import type { NotificationKind } from './message-kinds.js';
import { formatDate, formatTime, hasSameOffset, usableZone, type FormattedTime } from './time-format.js';
import { findChanges, findPhrase, type Change } from './message-phrase.js';
import { listDoctors, MessageRows, type Button, type Row } from './message-rows.js';
import type { TemplateFacts } from './template-facts.js';
import type { Phrase } from './words.js';

const MAX_SHORT_LENGTH = 300;
const MAX_NAME_LENGTH_IN_SHORT = 36;
const MAX_SUBJECT_LENGTH = 200;

/** The kinds whose SMS has the link to choose another time, for patients who get no mail. */
const LINK_IN_SMS: NotificationKind[] = ['APPOINTMENT_MOVED', 'APPOINTMENT_CANCELLED'];

/** The kinds that say whether the clinic must still confirm the appointment. */
const MAY_AWAIT_CONFIRMATION: NotificationKind[] = ['APPOINTMENT_MOVED', 'APPOINTMENT_REINSTATED'];

/** The kinds with a text that is inserted literally. */
const WITH_NOTE: NotificationKind[] = ['MESSAGE_FROM_CLINIC', 'DAILY_REPORT'];

/** Renders one message in one language, with sanitized values. */
export class Message {
  private readonly phrase: Phrase;
  private readonly changes: Change[];
  private readonly start: FormattedTime;
  /** Null if the recipient's clock shows the same time as the clinic's. */
  private readonly startAtClinic: FormattedTime | null;
  private readonly names: { name: string; doctor: string; clinic: string };
  private readonly zone: string;
  private readonly rows: MessageRows;

  constructor(
    private readonly kind: NotificationKind,
    private readonly locale: Locale,
    private readonly facts: TemplateFacts,
  ) {
    const { start, timeZone, clinicTimeZone } = facts;
    const clinicZone = usableZone(clinicTimeZone);
    this.zone = usableZone(timeZone, clinicTimeZone);
    this.changes = findChanges(kind, facts);
    this.phrase = findPhrase(kind, facts, this.changes);
    this.start = formatTime(start, this.zone, locale);
    this.startAtClinic = hasSameOffset(start, this.zone, clinicZone) ? null : formatTime(start, clinicZone, locale);
    this.names = {
      name: personName(facts.recipientName),
      doctor: this.list(listDoctors(facts)),
      clinic: oneLine(facts.clinicName) || this.words.labels.yourClinic({}),
    };
    this.rows = new MessageRows(kind, locale, facts, { zone: this.zone, labels: this.words.labels, names: this.names });
  }

  subject(): string {
    return shorten(this.words.sentences[this.phrase].subject(this.textValues()), MAX_SUBJECT_LENGTH);
  }

  title(): string {
    return this.words.sentences[this.phrase].title(this.textValues());
  }

  short(): string {
    const sentence = this.words.sentences[this.phrase].short(this.textValues(MAX_NAME_LENGTH_IN_SHORT));
    const reason = this.rows.reason();
    const reasonPart = reason && ` ${this.words.labels.reason({})}: ${this.isolated(reason)}`;
    const patient = this.rows.patient();
    const forPatient = patient && `${this.isolated(shorten(patient, MAX_NAME_LENGTH_IN_SHORT))}: `;
    const further = this.further();
    const full = `${forPatient ?? ''}${sentence}${further}${reasonPart ?? ''}`;
    // Many further times would push out the reason.
    return shorten(full.length > MAX_SHORT_LENGTH ? full.replace(further, '') : full, MAX_SHORT_LENGTH);
  }

  sms(): string {
    const url = LINK_IN_SMS.includes(this.kind) && this.facts.links?.chooseTime;
    return url ? `${this.short()}\n${this.words.labels.chooseTime({})}: ${url}` : this.short();
  }

  /** A list of what has changed, such as 'new doctor and new time'; empty if the message is not about a change. */
  changed(): string {
    return this.list(this.changes.map((change) => this.words.labels[change]({})));
  }

  private list(words: readonly string[]): string {
    return new Intl.ListFormat(this.locale.tag, { type: 'conjunction' }).format(words);
  }

  text(): string {
    const { words } = this;
    const parts = this.parts(words, this.textValues(), (value) => this.isolated(value));
    return words.layout({ ...parts, note: this.note() });
  }

  html(): string {
    const { direction, language } = this.locale;
    const words = HTML[language];
    const { name, doctor, clinic } = this.names;
    const values = {
      name: bdi(name),
      doctor: bdi(doctor),
      clinic: bdi(clinic),
      whenShort: bdi(this.whenShort()),
      until: bdi(this.until()),
      changed: this.changed(),
      count: this.count(),
      amount: bdi(this.amount()),
    };
    const parts = this.parts(words, values, bdi);
    return words.layout({
      ...parts,
      greeting: asHtml(parts.greeting),
      lead: asHtml(parts.lead),
      footer: asHtml(parts.footer),
      title: asHtml(words.sentences[this.phrase].title(values)),
      subject: this.subject(),
      language,
      direction,
      note: this.note(),
    });
  }

  private get words(): CompiledWords {
    return TEXT[this.locale.language];
  }

  /** The parts that text and HTML have in common. */
  private parts<Value>({ labels, sentences }: CompiledWords, values: object, toValue: (value: string) => Value) {
    const toParts = (rows: Row[], buttons: Button[]) => ({
      rows: rows.map(({ label, value }) => ({ label: labels[label]({}), value: toValue(value) })),
      buttons: buttons.map((button) => ({ ...button, label: labels[button.label]({}) })),
    });
    const awaitsConfirmation = this.facts.status === 'PENDING' && MAY_AWAIT_CONFIRMATION.includes(this.kind);
    return {
      greeting: labels.greeting(values),
      lead: sentences[this.phrase].lead(values),
      awaitsConfirmation: awaitsConfirmation ? labels.awaitsConfirmation({}) : null,
      ...toParts(this.rows.rows(), this.rows.buttons()),
      visits: this.rows.visits().map(({ rows, buttons }) => toParts(rows, buttons)),
      footer: labels.footer(values),
      unsubscribe: labels.unsubscribe({}),
      unsubscribeUrl: this.facts.links?.unsubscribe ?? null,
    };
  }

  private textValues(maxNameLength = Infinity): Record<string, string> {
    const entries = Object.entries(this.names).map(([key, name]) => [key, this.isolated(shorten(name, maxNameLength))]);
    const names = Object.fromEntries(entries) as Record<string, string>;
    return {
      ...names,
      whenShort: this.isolated(this.whenShort()),
      until: this.isolated(this.until()),
      changed: this.changed(),
      count: this.count(),
      amount: this.isolated(this.amount()),
    };
  }

  private isolated(value: string): string {
    return isolate(value, this.locale);
  }

  /** The start in the recipient's time zone, and also in the clinic's if the clocks differ. */
  private whenShort(): string {
    if (!this.startAtClinic) return this.start.short;
    return this.words.labels.both({ here: this.start.short, there: this.startAtClinic.short });
  }

  /** The times after the first. */
  private further(): string {
    const times = (this.facts.visits ?? [])
      .slice(1)
      .map(({ start }) => this.isolated(formatTime(start, this.zone, this.locale).short));
    return times.length > 0 ? ` ${this.words.labels.further({ times: times.join('; ') })}` : '';
  }

  /** The last day of a referral, or the day of a report; the end of an offer, or else its time. */
  private until(): string {
    if (this.facts.until) return formatDate(this.facts.until, this.locale);
    return formatTime(this.facts.expiresAt ?? this.facts.start, this.zone, this.locale).short;
  }

  /** The number of appointments, in the digits of the language. */
  private count(): string {
    return new Intl.NumberFormat(this.locale.tag).format(this.facts.visits?.length ?? 1);
  }

  /** The amount of a refund; empty for other messages. */
  private amount(): string {
    const { refund } = this.facts;
    return refund ? formatMoney(refund.amountMinor, refund.currency, this.locale.tag) : '';
  }

  private note(): string | null {
    return WITH_NOTE.includes(this.kind) ? manyLines(this.facts.note ?? '') || null : null;
  }
}
