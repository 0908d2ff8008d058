import { IsIn, IsOptional, IsString, IsUUID, Length } from 'class-validator';
import { PageQuery } from '../../core/http/page.js';
import { LocaleHint, MayBeLeftOut, Trimmed } from '../../core/http/text.js';
import type { Disposition } from './answers/disposition.js';
import type { Source } from './conversations/conversation-message.entity.js';

export class ChatRequest {
  /** Continues this conversation. If left out, a new one is started. @example 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10 */
  @MayBeLeftOut()
  @IsUUID()
  conversationId?: string;

  /** @example How do I cancel my appointment? */
  @Trimmed()
  @IsString()
  @Length(1, 4_000)
  message: string;

  /** The clinic whose contact and emergency number the answer gives. If left out, the clinic of the next or last appointment. */
  @MayBeLeftOut()
  @IsUUID()
  clinicId?: string;

  /** Language of the fixed texts if the message does not show it. If left out, the language of the profile. @example ar-EG */
  @IsOptional()
  @LocaleHint()
  @IsString()
  locale?: string;
}

export class ChatAnswer {
  conversationId: string;
  /** Of the answer. */
  messageId: string;
  /** Plain text. @example Open the appointment and choose "cancel". */
  answer: string;
  /** How urgent it is. EMERGENCY: show the answer at once, and the number as a call button. */
  disposition: Disposition;
  /**
   * Whether the answer begins with the signs of an emergency and the number to call, or is an emergency text (EMERGENCY).
   * False only for messages that are certainly administrative: a booking, hours, prices and the like.
   */
  safetyNet: boolean;
  /** RULES: an emergency was recognised; no model was asked. FALLBACK: from the FAQs; no model answered. */
  source: Source;
  /** Ids of the FAQs that the answer was taken from. */
  sources: string[];
  /** Null in an emergency. */
  bookingUrl: string | null;
  /** Null if unknown: call the local emergency number. @example 123 */
  emergencyNumber: string | null;
  /** To talk to somebody about thoughts of suicide or self-harm. Only with the text about them; null if none is configured. @example 14416 */
  crisisLine: string | null;
  /** @example gpt-4o-mini */
  model: string | null;
  /** @example General information, not a diagnosis. */
  disclaimer: string;
}

export class ConversationView {
  id: string;
  clinicId: string | null;
  /** @example en */
  locale: string;
  /** @example 4 */
  messageCount: number;
  createdAt: Date;
  updatedAt: Date;
  /** When the conversation is deleted. */
  expiresAt: Date;
}

export class MessageView {
  id: string;
  /** @example ASSISTANT */
  role: 'USER' | 'ASSISTANT';
  text: string;
  disposition: Disposition | null;
  source: Source | null;
  /** @example gpt-4o-mini */
  model: string | null;
  createdAt: Date;
}

const CONVERSATION_SORTS = ['-updatedAt', 'updatedAt'] as const;

export class ConversationsQuery extends PageQuery {
  @IsOptional()
  @IsIn(CONVERSATION_SORTS)
  sort: (typeof CONVERSATION_SORTS)[number] = '-updatedAt';
}

/** The messages, oldest first. */
export class MessagesQuery extends PageQuery {}
