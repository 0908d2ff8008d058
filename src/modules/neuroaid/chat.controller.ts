import { Body, Controller, Headers, Post, Req, Res, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { disconnectSignal } from '../../core/http/event-stream.js';
import { getIdempotencyKey } from '../../core/http/idempotency-keys.js';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor } from '../../core/http/validation.js';
import { Clock } from '../../core/kernel/clock.js';
import type { CareSlotRequest } from '../../core/http/careslot-request.js';
import type { Actor } from '../../core/kernel/actor.js';
import { ChatErrorInterceptor, ChatService, readAnswer } from '../ai/index.js';
import { earlierMessages } from './chat-history.js';
import { MobileChatAnswer, MobileChatRequest } from './chat.dto.js';
import { mobilePaths } from './prefixes.js';

@ApiTags('NeuroAid')
@Controller(mobilePaths('ai'))
export class MobileChatController {
  constructor(
    private readonly chat: ChatService,
    private readonly clock: Clock,
  ) {}

  @Post('chat')
  @UseInterceptors(ChatErrorInterceptor)
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'A repetition with the same key and body returns the first answer.',
  })
  @Operation({
    summary: 'Ask the assistant',
    description:
      'Rules answer signs of an emergency before any model is called. Answers are general information, not a diagnosis.',
    permission: 'ai:chat',
    bare: true,
    answer: MobileChatAnswer,
    errors: ['NOT_FOUND', 'REQUEST_TIMEOUT', 'IDEMPOTENCY_KEY_REUSED', 'IDEMPOTENCY_IN_PROGRESS'],
  })
  async ask(
    @CurrentActor() actor: Actor,
    @Body() { conversationHistory, history, ...body }: MobileChatRequest,
    @Req() request: CareSlotRequest,
    @Res({ passthrough: true }) response: Response,
    @Headers('accept-language') acceptLanguage: string | null = null,
  ): Promise<MobileChatAnswer> {
    const [key, clientGone] = [getIdempotencyKey(request), disconnectSignal(request)];
    // Without a conversationId, the history that the app sends is the only source of earlier messages.
    const earlier = body.conversationId ? [] : earlierMessages(conversationHistory ?? history);
    const reply = await this.chat.ask({ actor, request: body, key, acceptLanguage, earlierMessages: earlier });
    if (reply.isReplayed) response.setHeader('Idempotency-Replayed', 'true');
    const answer = await readAnswer(reply, clientGone);
    return { ...answer, response: answer.answer, timestamp: new Date(this.clock.now()) };
  }
}
