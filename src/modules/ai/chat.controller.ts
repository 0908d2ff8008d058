import { Body, Controller, Headers, Post, Req, Res, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Config } from '../../core/config/config.js';
import type { StreamReply } from '../../core/http/careslot-adapter.js';
import { eventStream, wantsEventStream, disconnectSignal } from '../../core/http/event-stream.js';
import { getIdempotencyKey } from '../../core/http/idempotency-keys.js';
import { Operation } from '../../core/http/operation.js';
import { CurrentActor } from '../../core/http/validation.js';
import type { CareSlotRequest } from '../../core/http/careslot-request.js';
import type { Actor } from '../../core/kernel/actor.js';
import { ChatErrorInterceptor } from './chat-error.interceptor.js';
import { serverEvents } from './chat-events.js';
import { readAnswer } from './chat-reply.js';
import { ChatAnswer, ChatRequest } from './chat.dto.js';
import { ChatService } from './chat.service.js';

@ApiTags('Chat')
@Controller('api/v1/ai')
export class ChatController {
  constructor(
    private readonly chat: ChatService,
    private readonly config: Config,
  ) {}

  @Post('chat')
  @UseInterceptors(ChatErrorInterceptor)
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Same key and body: the first answer again.' })
  @Operation({
    summary: 'Ask the assistant',
    description:
      'Signs of an emergency are answered by rules, before any model, with a fixed text. Every other answer begins with ' +
      'the signs of an emergency and the number to call (`safetyNet: true`), unless the message is certainly ' +
      'administrative. Without a model the answer comes from the FAQs ' +
      '(`source: FALLBACK`). With `Accept: text/event-stream` it comes as events: `start`, `delta` ({ text }), `reset` ' +
      '(forget the text so far), and `done` with the whole answer or `error`. General information, not a diagnosis.',
    permission: 'ai:chat',
    answer: ChatAnswer,
    streams: true,
    errors: ['NOT_FOUND', 'REQUEST_TIMEOUT', 'IDEMPOTENCY_KEY_REUSED', 'IDEMPOTENCY_IN_PROGRESS'],
  })
  async ask(
    @CurrentActor() actor: Actor,
    @Body() body: ChatRequest,
    @Req() request: CareSlotRequest,
    @Res({ passthrough: true }) response: Response,
    @Headers('accept-language') acceptLanguage?: string,
  ): Promise<ChatAnswer | StreamReply> {
    const key = getIdempotencyKey(request);
    const clientGone = disconnectSignal(request);
    const reply = await this.chat.ask({ actor, request: body, key, acceptLanguage: acceptLanguage ?? null });
    if (reply.isReplayed) response.setHeader('Idempotency-Replayed', 'true');
    if (!wantsEventStream(request)) return readAnswer(reply, clientGone);
    // A stream has its own signal, because it also ends if the client reads nothing for too long.
    return eventStream((streamClosed) => serverEvents(reply, streamClosed), this.config.AI_HEARTBEAT_MILLISECONDS);
  }
}
