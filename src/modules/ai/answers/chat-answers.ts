import type { FaqView } from '../../faqs/index.js';
import type { ChatAnswer } from '../chat.dto.js';
import type { Source } from '../conversations/conversation-message.entity.js';
import type { RedFlag } from '../red-flags/rule.js';
import type { ReplyContext } from '../reply-context.js';
import type { Disposition } from './disposition.js';
import { disclaimerFor, emergencyText, fallbackText, emergencyLines } from './texts.js';

const ADMINISTRATIVE_DISPOSITIONS: ReadonlySet<Disposition> = new Set(['ROUTINE', 'INFO']);

/**
 * Whether the answer begins with the emergency lines, or is the emergency text; `safetyNet` in the API. False only for
 * administrative answers.
 */
export const needsEmergencyLines = ({ isAdministrative }: ReplyContext, disposition: Disposition): boolean =>
  !isAdministrative || !ADMINISTRATIVE_DISPOSITIONS.has(disposition);

interface Content {
  answer: string;
  disposition: Disposition;
  source: Source;
  sources?: string[];
  model?: string | null;
  crisisLine?: string | null;
}

function toAnswer(context: ReplyContext, content: Content): ChatAnswer {
  const { conversationId, messageId, language, bookingUrl, number } = context;
  const safetyNet = needsEmergencyLines(context, content.disposition);
  const leadingLines = safetyNet && content.disposition !== 'EMERGENCY' ? emergencyLines(language, number) : '';
  return {
    conversationId,
    messageId,
    answer: leadingLines + content.answer,
    disposition: content.disposition,
    safetyNet,
    source: content.source,
    sources: content.sources ?? [],
    bookingUrl: content.disposition === 'EMERGENCY' ? null : bookingUrl,
    emergencyNumber: number.number,
    crisisLine: content.crisisLine ?? null,
    model: content.model ?? null,
    disclaimer: disclaimerFor(language, content.disposition),
  };
}

/** The fixed text for a red flag. */
export const emergencyAnswer = (context: ReplyContext, flag: RedFlag): ChatAnswer =>
  toAnswer(context, {
    answer: emergencyText(context.language, flag, context),
    disposition: 'EMERGENCY',
    source: 'RULES',
    crisisLine: flag === 'SELF_HARM' ? context.crisisLine.number : null,
  });

/** An answer without a model: the matching FAQ, if there is one, and how to contact the clinic. */
export const faqAnswer = (context: ReplyContext, faq: FaqView | null): ChatAnswer =>
  toAnswer(context, {
    answer: fallbackText(context.language, faq?.answer ?? null, context),
    disposition: faq ? 'INFO' : 'ROUTINE',
    source: 'FALLBACK',
    sources: faq ? [faq.id] : [],
  });

/** The model's answer. In an emergency, the fixed text replaces it. */
export const modelAnswer = (
  context: ReplyContext,
  { text, disposition, model }: { text: string; disposition: Disposition; model: string },
): ChatAnswer =>
  toAnswer(context, {
    answer: disposition === 'EMERGENCY' ? emergencyText(context.language, null, context) : text,
    disposition,
    source: 'MODEL',
    model,
  });
