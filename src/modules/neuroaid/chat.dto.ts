import { ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsOptional } from 'class-validator';
import { ChatAnswer, ChatRequest } from '../ai/index.js';

const MAX_HISTORY_ITEMS = 500;

const IsHistory = (): PropertyDecorator => (target, name) => {
  ApiPropertyOptional({
    type: 'array',
    items: { type: 'object' },
    description:
      'The earlier messages, as `{ role, content }` or `{ text, isSender, timestamp }`. Only checked for signs of an ' +
      'emergency, never sent to a model. Ignored if `conversationId` is given: the server stores the conversation.',
  })(target, name);
  IsOptional()(target, name);
  IsArray()(target, name);
  ArrayMaxSize(MAX_HISTORY_ITEMS)(target, name);
};

export class MobileChatRequest extends ChatRequest {
  @IsHistory()
  conversationHistory?: unknown[] | null;

  @IsHistory()
  history?: unknown[] | null;
}

export class MobileChatAnswer extends ChatAnswer {
  /** The same as answer. */
  response: string;
  /** @example 2026-11-23T09:00:00.000Z */
  timestamp: Date;
}
