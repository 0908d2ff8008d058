import { asHtml, bdi, HTML, TEXT, type CompiledWords } from './engine.js';
import { PRIMARY_BUTTON, SECONDARY_BUTTON } from './layouts.js';
import type { Locale } from './locales.js';
import { oneLine, personName } from '../../../core/kernel/names.js';
import { isolate, manyLines, shorten } from './safe-text.js';
import type { NotificationKind } from './message-kinds.js';
import { formatDate, formatTime, hasSameOffset, usableZone, type FormattedTime } from './time-format.js';
import { findChanges, findPhrase, type Change } from './message-phrase.js';
import type { OtherAppointment, TemplateFacts, VisitFacts } from './template-facts.js';
import type { Labels, Phrase } from './words.js';

const MAX_SHORT_LENGTH = 300;
const MAX_NAME_LENGTH_IN_SHORT = 36;
const MAX_SUBJECT_LENGTH = 200;

interface Row {
  label: keyof Labels;
  value: string;
}

interface Button {
  label: keyof Labels;
  url: string;
  style: string;
}

/** The kinds that are not about one appointment. */
const WITHOUT_APPOINTMENT: NotificationKind[] = ['MESSAGE_FROM_CLINIC', 'REFERRAL_REMINDER'];

/** The kinds that say whether the clinic must still confirm the appointment. */
const MAY_AWAIT_CONFIRMATION: NotificationKind[] = ['APPOINTMENT_MOVED', 'APPOINTMENT_REINSTATED'];

/** Renders one message in one language, with sanitized values. */
export class Message {
  private readonly phrase: Phrase;
  private readonly changes: Change[];
  private readonly start: FormattedTime;
  /** Null if the recipient's clock shows the same time as the clinic's. */
  private readonly startAtClinic: FormattedTime | null;
  private readonly names: { name: string; doctor: string; clinic: string };
  private readonly zone: string;

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
      doctor: personName(facts.doctorName),
      clinic: oneLine(facts.clinicName) || this.words.labels.yourClinic({}),
    };
  }

  subject(): string {
    return shorten(this.words.sentences[this.phrase].subject(this.textValues()), MAX_SUBJECT_LENGTH);
  }

  title(): string {
    return this.words.sentences[this.phrase].title(this.textValues());
  }

  short(): string {
    const sentence = this.words.sentences[this.phrase].short(this.textValues(MAX_NAME_LENGTH_IN_SHORT));
    const reason = this.reason();
    const because = reason && ` ${this.words.labels.reason({})}: ${this.isolated(reason)}`;
    const patient = this.patient();
    const forPatient = patient && `${this.isolated(shorten(patient, MAX_NAME_LENGTH_IN_SHORT))}: `;
    return shorten(`${forPatient ?? ''}${sentence}${this.further()}${because ?? ''}`, MAX_SHORT_LENGTH);
  }

  /** A list of what has changed, such as 'new doctor and new time'; empty if the message is not about a change. */
  changed(): string {
    const words = this.changes.map((change) => this.words.labels[change]({}));
    return new Intl.ListFormat(this.locale.tag, { type: 'conjunction' }).format(words);
  }

  text(): string {
    const values = this.textValues();
    const { labels, layout } = this.words;
    const rows = this.rows().map(({ label, value }) => ({ label: labels[label]({}), value: this.isolated(value) }));
    return layout({ ...this.parts(this.words, values), rows, note: this.note() });
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
    };
    const parts = this.parts(words, values);
    return words.layout({
      ...parts,
      greeting: asHtml(parts.greeting),
      lead: asHtml(parts.lead),
      footer: asHtml(parts.footer),
      title: asHtml(words.sentences[this.phrase].title(values)),
      subject: this.subject(),
      language,
      direction,
      rows: this.rows().map(({ label, value }) => ({ label: words.labels[label]({}), value: bdi(value) })),
      note: this.note(),
    });
  }

  private get words(): CompiledWords {
    return TEXT[this.locale.language];
  }

  /** The parts that text and HTML have in common. */
  private parts({ labels, sentences }: CompiledWords, values: object) {
    const awaitsConfirmation = this.facts.status === 'PENDING' && MAY_AWAIT_CONFIRMATION.includes(this.kind);
    return {
      greeting: labels.greeting(values),
      lead: sentences[this.phrase].lead(values),
      awaitsConfirmation: awaitsConfirmation ? labels.awaitsConfirmation({}) : null,
      buttons: this.buttons().map((button) => ({ ...button, label: labels[button.label]({}) })),
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
    };
  }

  private isolated(value: string): string {
    return isolate(value, this.locale);
  }

  /** The time of the recipient, and also the clinic's if it differs. */
  private whenShort(): string {
    if (!this.startAtClinic) return this.start.short;
    return this.words.labels.both({ here: this.start.short, there: this.startAtClinic.short });
  }

  /** For SMS: the times of the other appointments. */
  private further(): string {
    const times = this.others().map(({ start }) => this.isolated(formatTime(start, this.zone, this.locale).short));
    return times.length > 0 ? ` ${this.words.labels.further({ times: times.join('; ') })}` : '';
  }

  private others(): OtherAppointment[] {
    return this.facts.others ?? [];
  }

  private otherRows(): [keyof Labels, string | null][] {
    const long = (instant: number): string => formatTime(instant, this.zone, this.locale).long;
    return this.others().flatMap(({ start, doctorName, previousStart }): [keyof Labels, string | null][] => [
      ['also', `${long(start)}, ${personName(doctorName)}`],
      ['before', previousStart === undefined ? null : long(previousStart)],
    ]);
  }

  /** The last day of a referral; the end of an offer, or else its time. */
  private until(): string {
    if (this.facts.until) return formatDate(this.facts.until, this.locale);
    return formatTime(this.facts.expiresAt ?? this.facts.start, this.zone, this.locale).short;
  }

  /** Of an offer: the long form of a time. */
  private offered(instant: number | undefined): string | false {
    return this.kind === 'WAITLIST_OFFER' && instant !== undefined && formatTime(instant, this.zone, this.locale).long;
  }

  /** The number of appointments, in the digits of the language. */
  private count(): string {
    return new Intl.NumberFormat(this.locale.tag).format(this.facts.together?.length ?? 1);
  }

  /** The times of several appointments, with the doctor of those that are with another one than the first. */
  private times(together: VisitFacts[]): Row[] {
    const clinicZone = usableZone(this.facts.clinicTimeZone);
    return together.map(({ start, doctorName }) => {
      const here = formatTime(start, this.zone, this.locale).long;
      const isSame = hasSameOffset(start, this.zone, clinicZone);
      const there = isSame ? null : formatTime(start, clinicZone, this.locale).long;
      const time = there === null ? here : this.words.labels.both({ here, there });
      const doctor = personName(doctorName);
      return { label: 'when', value: doctor === this.names.doctor ? time : `${time}, ${doctor}` };
    });
  }

  /** In a message to a guardian. */
  private patient(): string | null {
    return this.facts.patientName === undefined ? null : personName(this.facts.patientName);
  }

  private reason(): string | null {
    if (this.kind !== 'APPOINTMENT_CANCELLED') return null;
    return oneLine(this.facts.cancelReason ?? '') || null;
  }

  private note(): string | null {
    return this.kind === 'MESSAGE_FROM_CLINIC' ? manyLines(this.facts.note ?? '') || null : null;
  }

  private rows(): Row[] {
    const { facts } = this;
    const previous: Partial<TemplateFacts> = this.kind === 'APPOINTMENT_MOVED' ? facts : {};
    const { previousStart, previousDoctorName, previousRooms } = previous;
    const phone: Row[] = facts.clinicPhone ? [{ label: 'phone', value: oneLine(facts.clinicPhone) }] : [];
    if (WITHOUT_APPOINTMENT.includes(this.kind)) return phone;
    const { together } = facts;
    const times = together ? this.times(together) : [];
    const rows: [keyof Labels, string | false | null | undefined][] = [
      ['patient', this.patient()],
      ...times.map(({ label, value }): [keyof Labels, string] => [label, value]),
      ['when', !together && this.start.long],
      ['atTheClinic', !together && this.startAtClinic?.long],
      ['until', this.offered(facts.expiresAt)],
      ['insteadOf', this.offered(facts.replacedStart)],
      ['before', previousStart !== undefined && formatTime(previousStart, this.zone, this.locale).long],
      ['doctor', this.names.doctor],
      ['doctorBefore', previousDoctorName && oneLine(previousDoctorName)],
      ['place', this.place(facts.rooms)],
      ['placeBefore', previousRooms && this.place(previousRooms)],
      ...this.otherRows(),
      ['reason', this.reason()],
    ];
    return [...rows.flatMap(([label, value]) => (value ? [{ label, value }] : [])), ...phone];
  }

  private place(rooms: string[] = []): string {
    const { mode, clinicAddress } = this.facts;
    if (mode === 'VIDEO') return this.words.labels.videoVisit({});
    return [this.names.clinic, clinicAddress && oneLine(clinicAddress), ...rooms.map(oneLine)]
      .filter(Boolean)
      .join(', ');
  }

  private joinUrl(): string | null | undefined {
    const takesPlace = this.kind !== 'APPOINTMENT_CANCELLED' && !WITHOUT_APPOINTMENT.includes(this.kind);
    return takesPlace && !this.facts.together && this.facts.mode === 'VIDEO' ? this.facts.videoUrl : null;
  }

  private buttons(): Button[] {
    const { confirm, cancel, chooseTime, accept, decline } = this.facts.links ?? {};
    const buttons: [keyof Labels, string | null | undefined, string][] = [
      ['join', this.joinUrl(), PRIMARY_BUTTON],
      ['accept', accept, PRIMARY_BUTTON],
      ['decline', decline, SECONDARY_BUTTON],
      ['confirm', confirm, PRIMARY_BUTTON],
      ['chooseTime', chooseTime, SECONDARY_BUTTON],
      ['cancel', cancel, SECONDARY_BUTTON],
    ];
    return buttons.flatMap(([label, url, style]) => (url ? [{ label, url, style }] : []));
  }
}
