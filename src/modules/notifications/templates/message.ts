import { asHtml, bdi, HTML, TEXT, type Compiled } from './engine.js';
import type { Locale } from './locales.js';
import { moment, sameClock, usableZone, type Moment } from './moments.js';
import { isolate, manyLines, oneLine, personName, shorten } from './safe-text.js';
import type { NotificationKind, TemplateFacts } from './templates.js';
import type { Labels, Phrase } from './words.js';

const MAX_SHORT_LENGTH = 300;
const NAME_IN_SHORT = 36;
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

const NOTHING_BEFORE: Partial<TemplateFacts> = {};

type Change = 'newDoctor' | 'newTime' | 'newPlace';

const MAY_BE_UNCONFIRMED: NotificationKind[] = ['APPOINTMENT_MOVED', 'APPOINTMENT_REINSTATED'];

function findPhrase(kind: NotificationKind, status: string, changes: Change[]): Phrase {
  if (kind === 'APPOINTMENT_BOOKED' && status === 'PENDING') return 'APPOINTMENT_REQUESTED';
  const isOnlyNewTime = changes.every((change) => change === 'newTime');
  return kind === 'APPOINTMENT_MOVED' && !isOnlyNewTime ? 'APPOINTMENT_CHANGED' : kind;
}

const FILLED = 'background:#0b5fa5;color:#ffffff';
const HOLLOW = 'color:#0b5fa5';

/** One message in one language: the sanitized values in the texts of that language. */
export class Message {
  private readonly phrase: Phrase;
  private readonly start: Moment;
  /** Null if the recipient's clock shows the same time as the clinic's. */
  private readonly startAtClinic: Moment | null;
  private readonly names: { name: string; doctor: string; clinic: string };
  private readonly zone: string;

  constructor(
    private readonly kind: NotificationKind,
    private readonly locale: Locale,
    private readonly facts: TemplateFacts,
  ) {
    const { start, status, timeZone, clinicTimeZone } = facts;
    const clinicZone = usableZone(clinicTimeZone);
    this.zone = usableZone(timeZone, clinicTimeZone);
    this.phrase = findPhrase(kind, status, this.changes());
    this.start = moment(start, this.zone, locale);
    this.startAtClinic = sameClock(start, this.zone, clinicZone) ? null : moment(start, clinicZone, locale);
    this.names = {
      name: personName(facts.recipientName),
      doctor: personName(facts.doctorName),
      clinic: oneLine(facts.clinicName) || this.words.labels.yourClinic({}),
    };
  }

  subject(): string {
    return shorten(this.words.sentences[this.phrase].subject(this.plain()), MAX_SUBJECT_LENGTH);
  }

  title(): string {
    return this.words.sentences[this.phrase].title(this.plain());
  }

  short(): string {
    const sentence = this.words.sentences[this.phrase].short(this.plain(NAME_IN_SHORT));
    const reason = this.reason();
    const because = reason && ` ${this.words.labels.reason({})}: ${this.isolated(reason)}`;
    return shorten(`${sentence}${because ?? ''}`, MAX_SHORT_LENGTH);
  }

  /** What has changed, as a list of words; null if the message is not about a change. */
  whatChanged(): string | null {
    return this.changes().length > 0 ? this.changed() : null;
  }

  text(): string {
    const values = this.plain();
    const { labels, layout } = this.words;
    const rows = this.rows().map(({ label, value }) => ({ label: labels[label]({}), value: this.isolated(value) }));
    return layout({ ...this.parts(this.words, values), rows, note: this.note() });
  }

  html(): string {
    const { direction, language } = this.locale;
    const words = HTML[language];
    const { name, doctor, clinic } = this.names;
    const [whenShort, changed] = [bdi(this.whenShort()), this.changed()];
    const values = { name: bdi(name), doctor: bdi(doctor), clinic: bdi(clinic), whenShort, changed };
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

  private get words(): Compiled {
    return TEXT[this.locale.language];
  }

  /** The parts that text and HTML share, from the templates compiled for either. */
  private parts({ labels, sentences }: Compiled, values: object) {
    const isUnconfirmed = this.facts.status === 'PENDING' && MAY_BE_UNCONFIRMED.includes(this.kind);
    return {
      greeting: labels.greeting(values),
      lead: sentences[this.phrase].lead(values),
      awaits: isUnconfirmed ? labels.awaitsConfirmation({}) : null,
      buttons: this.buttons().map((button) => ({ ...button, label: labels[button.label]({}) })),
      footer: labels.footer(values),
      unsubscribe: labels.unsubscribe({}),
      unsubscribeUrl: this.facts.links?.unsubscribe ?? null,
    };
  }

  private plain(mostInName = Infinity): Record<string, string> {
    const named = Object.entries(this.names).map(([key, name]) => [key, this.isolated(shorten(name, mostInName))]);
    const names = Object.fromEntries(named) as Record<string, string>;
    return { ...names, whenShort: this.isolated(this.whenShort()), changed: this.changed() };
  }

  private isolated(value: string): string {
    return isolate(value, this.locale);
  }

  /** The time on both clocks if they differ, so that nobody has to guess whose time it is. */
  private whenShort(): string {
    if (!this.startAtClinic) return this.start.short;
    return this.words.labels.both({ here: this.start.short, there: this.startAtClinic.short });
  }

  private changes(): Change[] {
    if (this.kind !== 'APPOINTMENT_MOVED') return [];
    const { previousStart, previousDoctorName, previousRooms } = this.facts;
    return [
      ...(previousDoctorName === undefined ? [] : (['newDoctor'] as const)),
      ...(previousStart === undefined ? [] : (['newTime'] as const)),
      ...(previousRooms === undefined ? [] : (['newPlace'] as const)),
    ];
  }

  private changed(): string {
    const words = this.changes().map((change) => this.words.labels[change]({}));
    return new Intl.ListFormat(this.locale.tag, { type: 'conjunction' }).format(words);
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
    const { previousStart, previousDoctorName, previousRooms } =
      this.kind === 'APPOINTMENT_MOVED' ? facts : NOTHING_BEFORE;
    const phone: Row[] = facts.clinicPhone ? [{ label: 'phone', value: oneLine(facts.clinicPhone) }] : [];
    if (this.kind === 'MESSAGE_FROM_CLINIC') return phone;
    const rows: [keyof Labels, string | false | null | undefined][] = [
      ['when', this.start.long],
      ['atTheClinic', this.startAtClinic?.long],
      ['before', previousStart !== undefined && moment(previousStart, this.zone, this.locale).long],
      ['doctor', this.names.doctor],
      ['doctorBefore', previousDoctorName && oneLine(previousDoctorName)],
      ['place', this.place(facts.rooms)],
      ['placeBefore', previousRooms && this.place(previousRooms)],
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

  private buttons(): Button[] {
    const { confirm, cancel, manage } = this.facts.links ?? {};
    const buttons: [keyof Labels, string | undefined, string][] = [
      ['confirm', confirm, FILLED],
      ['cancel', cancel, HOLLOW],
      ['manage', manage, HOLLOW],
    ];
    return buttons.flatMap(([label, url, style]) => (url ? [{ label, url, style }] : []));
  }
}
