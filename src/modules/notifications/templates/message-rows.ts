import { oneLine, personName } from '../../../core/kernel/names.js';
import type { CompiledWords } from './engine.js';
import { PRIMARY_BUTTON, SECONDARY_BUTTON } from './layouts.js';
import type { Locale } from './locales.js';
import type { NotificationKind } from './message-kinds.js';
import type { TemplateFacts, VisitFacts } from './template-facts.js';
import { formatTime, hasSameOffset, usableZone } from './time-format.js';
import type { Labels } from './words.js';

export interface Row {
  label: keyof Labels;
  value: string;
}

/** Rows that have a value. */
const toRows = (rows: readonly (readonly [keyof Labels, string | false | null | undefined])[]): Row[] =>
  rows.flatMap(([label, value]) => (value ? [{ label, value }] : []));

export interface Button {
  label: keyof Labels;
  url: string;
  style: string;
}

const toButtons = (buttons: readonly (readonly [keyof Labels, string | null | undefined, string])[]): Button[] =>
  buttons.flatMap(([label, url, style]) => (url ? [{ label, url, style }] : []));

/** The kinds that are not about one appointment. */
const WITHOUT_APPOINTMENT: NotificationKind[] = [
  'MESSAGE_FROM_CLINIC',
  'REFERRAL_REMINDER',
  'PAYMENT_REFUNDED',
  'DAILY_REPORT',
];

/** The appointments of a message: one or several. */
const toVisits = (facts: TemplateFacts): readonly VisitFacts[] => facts.visits ?? [facts];

/** The doctors of all appointments, without repetitions. */
export const listDoctors = (facts: TemplateFacts): string[] => [
  ...new Set(toVisits(facts).map(({ doctorName }) => personName(doctorName))),
];

interface RowOptions {
  /** The recipient's zone. */
  zone: string;
  labels: CompiledWords['labels'];
  names: { doctor: string; clinic: string };
}

/** The rows and buttons of a message: those of the whole message, and those of each of several appointments. */
export class MessageRows {
  private readonly zone: string;
  private readonly labels: CompiledWords['labels'];
  private readonly names: RowOptions['names'];

  constructor(
    private readonly kind: NotificationKind,
    private readonly locale: Locale,
    private readonly facts: TemplateFacts,
    { zone, labels, names }: RowOptions,
  ) {
    this.zone = zone;
    this.labels = labels;
    this.names = names;
  }

  /** The rows that are about the whole message. */
  rows(): Row[] {
    const { facts } = this;
    const { visits } = facts;
    const phone: Row[] = facts.clinicPhone ? [{ label: 'phone', value: oneLine(facts.clinicPhone) }] : [];
    if (WITHOUT_APPOINTMENT.includes(this.kind)) return phone;
    const [place = '', ...otherPlaces] = this.places();
    const common = { doctor: this.names.doctor, place: otherPlaces.length === 0 && place };
    const rows: [keyof Labels, string | false | null | undefined][] = visits
      ? [
          ['doctor', common.doctor],
          ['place', common.place],
        ]
      : [
          ['when', this.time(facts.start)],
          ['atTheClinic', this.timeAtClinic(facts.start)],
          ['until', this.offerTime(facts.expiresAt)],
          ['insteadOf', this.offerTime(facts.replacedStart)],
          ...this.previousRows(facts, common),
        ];
    return [...toRows([['patient', this.patient()], ...rows, ['reason', this.reason()]]), ...phone];
  }

  /** The rows and buttons of each of several appointments; empty if there is only one. */
  visits(): { rows: Row[]; buttons: Button[] }[] {
    return (this.facts.visits ?? []).map((visit) => ({
      rows: this.visitRows(visit),
      buttons: this.visitButtons(visit),
    }));
  }

  /** The buttons of a message about one appointment; empty if there are several. */
  buttons(): Button[] {
    if (this.facts.visits) return [];
    const { accept, decline } = this.facts.links ?? {};
    const answers = toButtons([
      ['accept', accept, PRIMARY_BUTTON],
      ['decline', decline, SECONDARY_BUTTON],
    ]);
    return [...answers, ...this.visitButtons(this.facts)];
  }

  /** Whose appointment it is, in a message to a guardian. */
  patient(): string | null {
    return this.facts.patientName === undefined ? null : personName(this.facts.patientName);
  }

  reason(): string | null {
    if (this.kind !== 'APPOINTMENT_CANCELLED') return null;
    return oneLine(this.facts.cancelReason ?? '') || null;
  }

  private time(instant: number): string {
    return formatTime(instant, this.zone, this.locale).long;
  }

  /** Null if the recipient's clock shows the same time as the clinic's. */
  private timeAtClinic(instant: number): string | null {
    const clinicZone = usableZone(this.facts.clinicTimeZone);
    return hasSameOffset(instant, this.zone, clinicZone) ? null : formatTime(instant, clinicZone, this.locale).long;
  }

  /** The places of all appointments, without repetitions. */
  private places(): string[] {
    return [...new Set(toVisits(this.facts).map((visit) => this.place(visit)))];
  }

  /** The rows of one of several appointments: its time, what is not the same for all, and what has changed. */
  private visitRows(visit: VisitFacts): Row[] {
    const { start, doctorName } = visit;
    const there = this.timeAtClinic(start);
    const here = this.time(start);
    return toRows([
      ['when', there === null ? here : this.labels.both({ here, there })],
      ...this.previousRows(visit, {
        doctor: listDoctors(this.facts).length > 1 && personName(doctorName),
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
      ['before', isMove && previousStart !== undefined && this.time(previousStart)],
      ['doctor', doctor],
      ['doctorBefore', isMove && previousDoctorName && oneLine(previousDoctorName)],
      ['place', place],
      ['placeBefore', isMove && previousRooms && this.place({ mode, rooms: previousRooms })],
    ];
  }

  private place({ mode, rooms = [] }: Pick<VisitFacts, 'mode' | 'rooms'>): string {
    const { clinicAddress } = this.facts;
    if (mode === 'VIDEO') return this.labels.videoVisit({});
    return [this.names.clinic, clinicAddress && oneLine(clinicAddress), ...rooms.map(oneLine)]
      .filter(Boolean)
      .join(', ');
  }

  private joinUrl({ mode, videoUrl }: VisitFacts): string | null | undefined {
    const takesPlace = this.kind !== 'APPOINTMENT_CANCELLED' && !WITHOUT_APPOINTMENT.includes(this.kind);
    return takesPlace && mode === 'VIDEO' ? videoUrl : null;
  }

  /** A time of an offer, in the long form; false for other messages. */
  private offerTime(instant: number | undefined): string | false {
    return this.kind === 'WAITLIST_OFFER' && instant !== undefined && formatTime(instant, this.zone, this.locale).long;
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
