import { getLanguage, type Language } from '../../core/kernel/locale.js';
import { oneLine } from '../../core/kernel/names.js';
import { PdfDocument, type TextStyle } from '../../core/pdf/pdf-document.js';
import { formatMoney } from './money-text.js';
import type { PaymentView } from './payments.dto.js';
import { RECEIPT_WORDS } from './receipt-words.js';

/** Everything that a receipt shows. */
export interface Receipt {
  clinicName: string;
  clinicAddress: string | null;
  clinicPhone: string | null;
  timeZone: string;
  patientName: string;
  serviceName: string;
  doctorName: string;
  startAt: Date;
  taxBasisPoints: number;
  /** The patient's: the language, and how amounts and dates are written. */
  locale: string;
  payment: PaymentView & { receiptNumber: number; paidAt: Date };
  printedAt: Date;
}

const MARGIN = 56;
const GAP = 8;
const LABEL_WIDTH = 150;
const TITLE: TextStyle = { size: 18, weight: 'bold' };
const NORMAL: TextStyle = { size: 11 };
const BOLD: TextStyle = { size: 11, weight: 'bold' };
const SMALL: TextStyle = { size: 9, color: '#555555' };

/** The receipt as a PDF file. In Arabic, the page runs from right to left. */
export async function toPdf(receipt: Receipt): Promise<Buffer> {
  const language = getLanguage(receipt.locale);
  const locale = language === 'en' && !receipt.locale.startsWith('en') ? 'en' : receipt.locale;
  const words = RECEIPT_WORDS[language];
  const page = new ReceiptPage(language, `${words.receipt} ${receipt.payment.receiptNumber}`, receipt.printedAt);
  page.write(oneLine(receipt.clinicName), TITLE);
  for (const line of [receipt.clinicAddress, receipt.clinicPhone]) if (line) page.write(oneLine(line), SMALL);
  page.rule();
  for (const [label, value] of toFacts(receipt, language, locale)) page.row(label, value, NORMAL);
  page.rule();
  const rows = toAmounts(receipt, language, locale);
  for (const [label, value] of rows) page.row(label, value, label === words.total ? BOLD : NORMAL);
  page.rule();
  page.write(`${words.printed}: ${toDate(receipt.printedAt, receipt, locale)}`, SMALL);
  return page.end();
}

function toFacts(receipt: Receipt, language: Language, locale: string): [string, string][] {
  const { payment, patientName, serviceName, doctorName, startAt } = receipt;
  const words = RECEIPT_WORDS[language];
  return [
    [words.number, String(payment.receiptNumber)],
    [words.date, toDate(payment.paidAt, receipt, locale)],
    [words.patient, oneLine(patientName)],
    [words.service, `${oneLine(serviceName)} (${payment.kind === 'DEPOSIT' ? words.deposit : words.payment})`],
    [words.doctor, oneLine(doctorName)],
    [words.visit, toDate(startAt, receipt, locale)],
    [words.reference, payment.id],
  ];
}

function toAmounts({ payment, taxBasisPoints }: Receipt, language: Language, locale: string): [string, string][] {
  const words = RECEIPT_WORDS[language];
  const { amount, taxAmount, refundedAmount } = payment;
  const money = (minor: number): string => formatMoney(minor, amount.currency, locale);
  const rate = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2 }).format(
    taxBasisPoints / 10_000,
  );
  return [
    ...(taxBasisPoints > 0
      ? ([
          [words.net, money(amount.amount - taxAmount)],
          [`${words.tax} (${rate})`, money(taxAmount)],
        ] satisfies [string, string][])
      : []),
    [words.total, money(amount.amount)],
    ...(refundedAmount > 0
      ? ([
          [words.refunded, money(refundedAmount)],
          [words.remaining, money(amount.amount - refundedAmount)],
        ] satisfies [string, string][])
      : []),
  ];
}

/** Formats an instant in the time zone of the clinic. */
const toDate = (instant: Date, { timeZone }: Receipt, locale: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone, calendar: 'gregory' }).format(
    instant,
  );

class ReceiptPage {
  private readonly pdf: PdfDocument;
  private readonly isRtl: boolean;
  private y = MARGIN;

  constructor(language: Language, title: string, createdAt: Date) {
    this.pdf = new PdfDocument({ title, language, createdAt });
    this.isRtl = language === 'ar';
    this.pdf.addPage();
    this.write(title, TITLE);
  }

  write(text: string, style: TextStyle): void {
    this.y += this.pdf.text(text, { x: MARGIN, y: this.y, width: this.width, align: this.side }, this.styled(style));
  }

  /** A label, and its value beside it. */
  row(label: string, value: string, style: TextStyle): void {
    const valueWidth = this.width - LABEL_WIDTH - GAP;
    const [labelX, valueX] = this.isRtl ? [MARGIN + valueWidth + GAP, MARGIN] : [MARGIN, MARGIN + LABEL_WIDTH + GAP];
    const styled = this.styled(style);
    const y = this.y;
    const heights = [
      this.pdf.text(label, { x: labelX, y, width: LABEL_WIDTH, align: this.side }, styled),
      this.pdf.text(value, { x: valueX, y, width: valueWidth, align: this.side }, styled),
    ];
    this.y += Math.max(...heights) + GAP / 2;
  }

  rule(): void {
    this.y += GAP;
    this.pdf.rule(MARGIN, this.y, this.width);
    this.y += GAP;
  }

  end(): Promise<Buffer> {
    return this.pdf.end();
  }

  private get width(): number {
    return this.pdf.width - 2 * MARGIN;
  }

  private get side(): 'left' | 'right' {
    return this.isRtl ? 'right' : 'left';
  }

  private styled(style: TextStyle): TextStyle {
    return { ...style, direction: this.isRtl ? 'rtl' : 'ltr' };
  }
}
