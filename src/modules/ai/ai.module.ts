import { Module } from '@nestjs/common';
import { FaqsModule } from '../faqs/index.js';
import { AnsweringService } from './answering.service.js';
import { AskerRepository } from './asker.repository.js';
import { ChatController } from './chat.controller.js';
import { ChatService } from './chat.service.js';
import { ConversationsController } from './conversations/conversations.controller.js';
import { ConversationsRepository } from './conversations/conversations.repository.js';
import { ConversationsService } from './conversations/conversations.service.js';
import { EmergencyService } from './emergency.service.js';
import { ChatModel } from './model/chat-model.js';
import { OpenAiChatModel } from './model/openai-chat-model.js';
import { Questions } from './questions.js';
import { Situations } from './situations.js';

@Module({
  imports: [FaqsModule],
  controllers: [ChatController, ConversationsController],
  providers: [
    AnsweringService,
    AskerRepository,
    ChatService,
    ConversationsRepository,
    ConversationsService,
    EmergencyService,
    Questions,
    Situations,
    { provide: ChatModel, useClass: OpenAiChatModel },
  ],
  exports: [ChatService],
})
export class AiModule {}
