import { ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsOptional } from 'class-validator';
import { ChatAnswer, ChatRequest } from '../ai/index.js';

const MOST_PAST_MESSAGES = 500;

/** What was said before, as the client remembers it. */
const Remembered = (): PropertyDecorator => (target, name) => {
  ApiPropertyOptional({
    type: 'array',
    items: { type: 'object' },
    description: 'Let in, not used: what was said is kept here, by conversationId.',
  })(target, name);
  IsOptional()(target, name);
  IsArray()(target, name);
  ArrayMaxSize(MOST_PAST_MESSAGES)(target, name);
};

export class MobileChatRequest extends ChatRequest {
  @Remembered()
  conversationHistory?: unknown[] | null;

  @Remembered()
  history?: unknown[] | null;
}

export class MobileChatAnswer extends ChatAnswer {
  /** The same as answer. */
  response: string;
  /** @example 2026-11-23T09:00:00.000Z */
  timestamp: Date;
}
