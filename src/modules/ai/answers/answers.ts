import type { FaqView } from '../../faqs/index.js';
import type { EmergencyNumber, Language } from '../../stroke/index.js';
import type { ChatAnswer, Source } from '../chat.dto.js';
import type { RedFlag } from '../red-flags/rule.js';
import type { Disposition } from './disposition.js';
import { disclaimerFor, emergencyText, fallbackText, safetyNetText } from './texts.js';

/** What every answer to one question has in common. */
export interface Situation {
  conversationId: string;
  /** Of the answer. */
  messageId: string;
  language: Language;
  clinic: { name: string; phone: string | null } | null;
  bookingUrl: string;
  number: EmergencyNumber;
  /** Whether the message, and those before it, certainly ask for nothing but a booking, hours, prices and the like. */
  administrative: boolean;
}

const ADMINISTRATIVE: ReadonlySet<Disposition> = new Set(['ROUTINE', 'INFO']);

/**
 * Whether the answer begins with the signs of an emergency and the number. All do but administrative ones; an emergency's
 * fixed text is nothing else.
 */
export const carriesSafetyNet = ({ administrative }: Situation, disposition: Disposition): boolean =>
  !administrative || !ADMINISTRATIVE.has(disposition);

interface Content {
  answer: string;
  disposition: Disposition;
  source: Source;
  sources?: string[];
  model?: string | null;
}

function answerOf(situation: Situation, content: Content): ChatAnswer {
  const { conversationId, messageId, language, bookingUrl, number } = situation;
  const safetyNet = carriesSafetyNet(situation, content.disposition);
  const first = safetyNet && content.disposition !== 'EMERGENCY' ? safetyNetText(language, number) : '';
  return {
    conversationId,
    messageId,
    answer: first + content.answer,
    disposition: content.disposition,
    safetyNet,
    source: content.source,
    sources: content.sources ?? [],
    bookingUrl: content.disposition === 'EMERGENCY' ? null : bookingUrl,
    emergencyNumber: number.number,
    model: content.model ?? null,
    disclaimer: disclaimerFor(language, content.disposition),
  };
}

/** What the rules found. */
export const alarm = (situation: Situation, flag: RedFlag): ChatAnswer =>
  answerOf(situation, {
    answer: emergencyText(situation.language, flag, situation.number),
    disposition: 'EMERGENCY',
    source: 'RULES',
  });

/** Without a model: an FAQ where one fits, and the ways to the clinic. */
export const fallback = (situation: Situation, faq: FaqView | null): ChatAnswer =>
  answerOf(situation, {
    answer: fallbackText(situation.language, faq?.answer ?? null, situation),
    disposition: faq ? 'INFO' : 'ROUTINE',
    source: 'FALLBACK',
    sources: faq ? [faq.id] : [],
  });

/** What the model said. Where it calls it an emergency, the fixed text stands in place of its words. */
export const ofModel = (
  situation: Situation,
  { text, disposition, model }: { text: string; disposition: Disposition; model: string },
): ChatAnswer =>
  answerOf(situation, {
    answer: disposition === 'EMERGENCY' ? emergencyText(situation.language, null, situation.number) : text,
    disposition,
    source: 'MODEL',
    model,
  });
