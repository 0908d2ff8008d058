import { asHtml, bdi, HTML, TEXT, type CompiledWords } from './engine.js';
import { PRIMARY_BUTTON, SECONDARY_BUTTON } from './layouts.js';
import type { Locale } from './locales.js';
import { oneLine, personName } from '../../../core/kernel/names.js';
import { isolate, manyLines, shorten } from './safe-text.js';
import type { NotificationKind } from './message-kinds.js';
import { formatDate, formatTime, hasSameOffset, usableZone, type FormattedTime } from './time-format.js';
import { findChanges, findPhrase, type Change } from './message-phrase.js';
import type { TemplateFacts, VisitFacts } from './template-facts.js';
import type { Labels, Phrase } from './words.js';

const MAX_SHORT_LENGTH = 300;
const MAX_NAME_LENGTH_IN_SHORT = 36;
const MAX_SUBJECT_LENGTH = 200;

interface Row {
  label: keyof Labels;
  value: string;
}

/** Rows that have a value. */
const toRows = (rows: readonly (readonly [keyof Labels, string | false | null | undefined])[]): Row[] =>
  rows.flatMap(([label, value]) => (value ? [{ label, value }] : []));

interface Button {
  label: keyof Labels;
  url: string;
  style: string;
}

const toButtons = (buttons: readonly (readonly [keyof Labels, string | null | undefined, string])[]): Button[] =>
  buttons.flatMap(([label, url, style]) => (url ? [{ label, url, style }] : []));

/** The kinds whose SMS has the link to choose another time, for patients who get no mail. */
const LINK_IN_SMS: NotificationKind[] = ['APPOINTMENT_MOVED', 'APPOINTMENT_CANCELLED'];

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
  /** The appointments if they are several; otherwise empty. */
  private readonly visits: readonly VisitFacts[];

  constructor(
    private readonly kind: NotificationKind,
    private readonly locale: Locale,
    private readonly facts: TemplateFacts,
  ) {
    const { start, timeZone, clinicTimeZone, visits = [] } = facts;
    this.visits = visits;
    const clinicZone = usableZone(clinicTimeZone);
    this.zone = usableZone(timeZone, clinicTimeZone);
    this.changes = findChanges(kind, facts);
    this.phrase = findPhrase(kind, facts, this.changes);
    this.start = formatTime(start, this.zone, locale);
    this.startAtClinic = hasSameOffset(start, this.zone, clinicZone) ? null : formatTime(start, clinicZone, locale);
    this.names = {
      name: personName(facts.recipientName),
      doctor: this.list(this.doctors()),
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
    const further = this.further();
    const full = `${forPatient ?? ''}${sentence}${further}${because ?? ''}`;
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
      ...toParts(this.rows(), this.buttons()),
      visits: this.visits.map((visit) => toParts(this.visitRows(visit), this.visitButtons(visit))),
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

  /** The times after the first. */
  private further(): string {
    const times = this.visits
      .slice(1)
      .map(({ start }) => this.isolated(formatTime(start, this.zone, this.locale).short));
    return times.length > 0 ? ` ${this.words.labels.further({ times: times.join('; ') })}` : '';
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
    return new Intl.NumberFormat(this.locale.tag).format(this.visits.length || 1);
  }

  private long(instant: number): string {
    return formatTime(instant, this.zone, this.locale).long;
  }

  /** The doctors of all appointments, without repetitions. */
  private doctors(): string[] {
    const visits = this.visits.length > 0 ? this.visits : [this.facts];
    return [...new Set(visits.map(({ doctorName }) => personName(doctorName)))];
  }

  /** The places of all appointments, without repetitions. */
  private places(): string[] {
    const visits = this.visits.length > 0 ? this.visits : [this.facts];
    return [...new Set(visits.map((visit) => this.place(visit)))];
  }

  /** Of one of several appointments: its time, what is not the same for all, and what has changed. */
  private visitRows(visit: VisitFacts): Row[] {
    const { start, doctorName } = visit;
    const isSame = hasSameOffset(start, this.zone, usableZone(this.facts.clinicTimeZone));
    const there = isSame ? null : formatTime(start, usableZone(this.facts.clinicTimeZone), this.locale).long;
    const here = this.long(start);
    return toRows([
      ['when', there === null ? here : this.words.labels.both({ here, there })],
      ...this.previousRows(visit, {
        doctor: this.doctors().length > 1 && personName(doctorName),
        place: this.places().length > 1 && this.place(visit),
      }),
    ]);
  }

  /** Doctor and place, each after what it was before. */
  private previousRows(
    { mode, previousStart, previousDoctorName, previousRooms }: VisitFacts,
    { doctor, place }: { doctor: string | false; place: string | false },
  ): [keyof Labels, string | false | null | undefined][] {
    const isMove = this.kind === 'APPOINTMENT_MOVED';
    return [
      ['before', isMove && previousStart !== undefined && this.long(previousStart)],
      ['doctor', doctor],
      ['doctorBefore', isMove && previousDoctorName && oneLine(previousDoctorName)],
      ['place', place],
      ['placeBefore', isMove && previousRooms && this.place({ mode, rooms: previousRooms })],
    ];
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
    const { facts, visits } = this;
    const phone: Row[] = facts.clinicPhone ? [{ label: 'phone', value: oneLine(facts.clinicPhone) }] : [];
    if (WITHOUT_APPOINTMENT.includes(this.kind)) return phone;
    const [place = '', ...otherPlaces] = this.places();
    const common = { doctor: this.names.doctor, place: otherPlaces.length === 0 && place };
    const rows: [keyof Labels, string | false | null | undefined][] =
      visits.length > 0
        ? [
            ['doctor', common.doctor],
            ['place', common.place],
          ]
        : [
            ['when', this.start.long],
            ['atTheClinic', this.startAtClinic?.long],
            ['until', this.offered(facts.expiresAt)],
            ['insteadOf', this.offered(facts.replacedStart)],
            ...this.previousRows(facts, common),
          ];
    return [...toRows([['patient', this.patient()], ...rows, ['reason', this.reason()]]), ...phone];
  }

  private place({ mode, rooms = [] }: Pick<VisitFacts, 'mode' | 'rooms'>): string {
    const { clinicAddress } = this.facts;
    if (mode === 'VIDEO') return this.words.labels.videoVisit({});
    return [this.names.clinic, clinicAddress && oneLine(clinicAddress), ...rooms.map(oneLine)]
      .filter(Boolean)
      .join(', ');
  }

  private joinUrl({ mode, videoUrl }: VisitFacts): string | null | undefined {
    const takesPlace = this.kind !== 'APPOINTMENT_CANCELLED' && !WITHOUT_APPOINTMENT.includes(this.kind);
    return takesPlace && mode === 'VIDEO' ? videoUrl : null;
  }

  /** Of a message about one appointment. */
  private buttons(): Button[] {
    if (this.visits.length > 0) return [];
    const { accept, decline } = this.facts.links ?? {};
    const answers = toButtons([
      ['accept', accept, PRIMARY_BUTTON],
      ['decline', decline, SECONDARY_BUTTON],
    ]);
    return [...answers, ...this.visitButtons(this.facts)];
  }

  private visitButtons(visit: VisitFacts): Button[] {
    const { confirm, chooseTime, cancel } = visit.links ?? {};
    return toButtons([
      ['join', this.joinUrl(visit), PRIMARY_BUTTON],
      ['confirm', confirm, PRIMARY_BUTTON],
      ['chooseTime', chooseTime, SECONDARY_BUTTON],
      ['cancel', cancel, SECONDARY_BUTTON],
    ]);
  }
}
