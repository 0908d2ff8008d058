import type { FaqView } from '../../faqs/index.js';
import type { ChatAnswer, Source } from '../chat.dto.js';
import type { RedFlag } from '../red-flags/rule.js';
import type { ReplyContext } from '../reply-context.js';
import type { Disposition } from './disposition.js';
import { disclaimerFor, emergencyText, fallbackText, safetyNetText } from './texts.js';

const ADMINISTRATIVE: ReadonlySet<Disposition> = new Set(['ROUTINE', 'INFO']);

/**
 * Whether the answer begins with the signs of an emergency and the number. All do but administrative ones; an emergency's
 * fixed text is nothing else.
 */
export const carriesSafetyNet = ({ isAdministrative }: ReplyContext, disposition: Disposition): boolean =>
  !isAdministrative || !ADMINISTRATIVE.has(disposition);

interface Content {
  answer: string;
  disposition: Disposition;
  source: Source;
  sources?: string[];
  model?: string | null;
}

function toAnswer(context: ReplyContext, content: Content): ChatAnswer {
  const { conversationId, messageId, language, bookingUrl, number } = context;
  const safetyNet = carriesSafetyNet(context, content.disposition);
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

/** For what the rules found. */
export const emergencyAnswer = (context: ReplyContext, flag: RedFlag): ChatAnswer =>
  toAnswer(context, {
    answer: emergencyText(context.language, flag, context.number),
    disposition: 'EMERGENCY',
    source: 'RULES',
  });

/** Without a model: an FAQ where one fits, and the ways to the clinic. */
export const faqAnswer = (context: ReplyContext, faq: FaqView | null): ChatAnswer =>
  toAnswer(context, {
    answer: fallbackText(context.language, faq?.answer ?? null, context),
    disposition: faq ? 'INFO' : 'ROUTINE',
    source: 'FALLBACK',
    sources: faq ? [faq.id] : [],
  });

/** What the model said. Where it calls it an emergency, the fixed text stands in place of its words. */
export const modelAnswer = (
  context: ReplyContext,
  { text, disposition, model }: { text: string; disposition: Disposition; model: string },
): ChatAnswer =>
  toAnswer(context, {
    answer: disposition === 'EMERGENCY' ? emergencyText(context.language, null, context.number) : text,
    disposition,
    source: 'MODEL',
    model,
  });
