import { Controller, Delete, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Operation } from '../../../core/http/operation.js';
import type { Page } from '../../../core/http/page.js';
import { CurrentActor, IdParam } from '../../../core/http/validation.js';
import type { Actor } from '../../../core/kernel/actor.js';
import { ConversationsQuery, ConversationView, MessagesQuery, MessageView } from '../chat.dto.js';
import { ConversationsService } from './conversations.service.js';

@ApiTags('Chat')
@Controller('api/v1/ai/conversations')
export class ConversationsController {
  constructor(private readonly conversations: ConversationsService) {}

  @Get()
  @Operation({
    summary: 'List your conversations, the last used first',
    permission: 'ai:chat',
    answer: [ConversationView],
    errors: ['BAD_CURSOR'],
  })
  list(@CurrentActor() actor: Actor, @Query() query: ConversationsQuery): Promise<Page<ConversationView>> {
    return this.conversations.list(actor, query);
  }

  @Get(':id')
  @Operation({ summary: 'Get a conversation', permission: 'ai:chat', answer: ConversationView, errors: ['NOT_FOUND'] })
  get(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<ConversationView> {
    return this.conversations.get(actor, id);
  }

  @Get(':id/messages')
  @Operation({
    summary: 'List the messages of a conversation, oldest first (audited)',
    permission: 'ai:chat',
    answer: [MessageView],
    errors: ['NOT_FOUND', 'BAD_CURSOR'],
  })
  messages(
    @CurrentActor() actor: Actor,
    @IdParam() id: string,
    @Query() query: MessagesQuery,
  ): Promise<Page<MessageView>> {
    return this.conversations.messages(actor, id, query);
  }

  @Delete(':id')
  @Operation({
    summary: 'Delete a conversation with all of its messages',
    permission: 'ai:chat',
    errors: ['NOT_FOUND'],
  })
  remove(@CurrentActor() actor: Actor, @IdParam() id: string): Promise<null> {
    return this.conversations.remove(actor, id);
  }
}
