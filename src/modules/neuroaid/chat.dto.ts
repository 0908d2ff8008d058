import { ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsOptional } from 'class-validator';
import { ChatAnswer, ChatRequest } from '../ai/index.js';

const MOST_PAST_MESSAGES = 500;

const Remembered = (): PropertyDecorator => (target, name) => {
  ApiPropertyOptional({
    type: 'array',
    items: { type: 'object' },
    description:
      'What was said before, as `{ role, content }` or `{ text, isSender, timestamp }`. Looked at for signs of an ' +
      'emergency; never sent to a model. With conversationId the server knows it itself.',
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
