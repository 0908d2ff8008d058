import { asHtml, bdi, HTML, TEXT, type Compiled } from './engine.js';
import type { Locale } from './locales.js';
import { moment, sameClock, usableZone, type Moment } from './moments.js';
import { isolate, manyLines, oneLine, shorten } from './safe-text.js';
import type { NotificationKind, TemplateFacts } from './templates.js';
import type { Labels, Phrase } from './words.js';

const MOST_IN_SHORT = 300;
const NAME_IN_SHORT = 36;
const MOST_IN_SUBJECT = 200;

interface Row {
  label: keyof Labels;
  value: string;
}

interface Button {
  label: keyof Labels;
  url: string;
  style: string;
}

const FILLED = 'background:#0b5fa5;color:#ffffff';
const HOLLOW = 'color:#0b5fa5';

/** One message in one language: the facts, made safe, poured into the words. */
export class Message {
  private readonly phrase: Phrase;
  private readonly start: Moment;
  /** Only where the recipient's clock shows another time than the clinic's. */
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
    this.phrase = kind === 'APPOINTMENT_BOOKED' && status === 'PENDING' ? 'APPOINTMENT_REQUESTED' : kind;
    this.start = moment(start, this.zone, locale);
    this.startAtClinic = sameClock(start, this.zone, clinicZone) ? null : moment(start, clinicZone, locale);
    this.names = {
      name: oneLine(facts.recipientName),
      doctor: oneLine(facts.doctorName),
      clinic: oneLine(facts.clinicName) || this.words.labels.yourClinic({}),
    };
  }

  subject(): string {
    return shorten(this.words.sentences[this.phrase].subject(this.plain()), MOST_IN_SUBJECT);
  }

  title(): string {
    return this.words.sentences[this.phrase].title(this.plain());
  }

  short(): string {
    return shorten(this.words.sentences[this.phrase].short(this.plain(NAME_IN_SHORT)), MOST_IN_SHORT);
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
    const values = { name: bdi(name), doctor: bdi(doctor), clinic: bdi(clinic), whenShort: bdi(this.whenShort()) };
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

  /** What text and HTML have in common, in the words compiled for either. */
  private parts({ labels, sentences }: Compiled, values: object) {
    const isUnconfirmed = this.facts.status === 'PENDING' && this.kind === 'APPOINTMENT_MOVED';
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
    return { ...(Object.fromEntries(named) as Record<string, string>), whenShort: this.isolated(this.whenShort()) };
  }

  private isolated(value: string): string {
    return isolate(value, this.locale);
  }

  /** Both clocks where they differ, so that nobody has to guess whose time it is. */
  private whenShort(): string {
    if (!this.startAtClinic) return this.start.short;
    return this.words.labels.both({ here: this.start.short, there: this.startAtClinic.short });
  }

  private note(): string | null {
    return this.kind === 'MESSAGE_FROM_CLINIC' ? manyLines(this.facts.note ?? '') || null : null;
  }

  private rows(): Row[] {
    const { facts } = this;
    const phone: Row[] = facts.clinicPhone ? [{ label: 'phone', value: oneLine(facts.clinicPhone) }] : [];
    if (this.kind === 'MESSAGE_FROM_CLINIC') return phone;
    const rows: [keyof Labels, string | null | undefined][] = [
      ['when', this.start.long],
      ['atTheClinic', this.startAtClinic?.long],
      ['before', this.previous()],
      ['doctor', this.names.doctor],
      ['place', this.place()],
    ];
    return [...rows.flatMap(([label, value]) => (value ? [{ label, value }] : [])), ...phone];
  }

  private previous(): string | null {
    const { previousStart } = this.facts;
    if (this.kind !== 'APPOINTMENT_MOVED' || previousStart === undefined) return null;
    return moment(previousStart, this.zone, this.locale).long;
  }

  private place(): string {
    const { mode, clinicAddress } = this.facts;
    if (mode === 'VIDEO') return this.words.labels.videoVisit({});
    return [this.names.clinic, clinicAddress && oneLine(clinicAddress)].filter(Boolean).join(', ');
  }

  private buttons(): Button[] {
    const { confirm, cancel, manage } = this.facts.links ?? {};
    const isOffer = this.kind === 'WAITLIST_OFFER';
    const buttons: [keyof Labels, string | undefined, string][] = [
      [isOffer ? 'take' : 'confirm', confirm, FILLED],
      [isOffer ? 'decline' : 'cancel', cancel, HOLLOW],
      ['manage', manage, HOLLOW],
    ];
    return buttons.flatMap(([label, url, style]) => (url ? [{ label, url, style }] : []));
  }
}
