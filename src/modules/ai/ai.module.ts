import { Module, type OnModuleInit } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Config } from '../../core/config/config.js';
import { RateLimits } from '../../core/security/rate-limits.js';
import { FaqsModule } from '../faqs/index.js';
import { AnswerService } from './answer.service.js';
import { CallerRepository } from './caller.repository.js';
import { loadSentenceWeights } from './answers/checks/sentence-classifier.js';
import { loadWeights } from './classifier/weights.js';
import { ChatController } from './chat.controller.js';
import { ChatService } from './chat.service.js';
import { ConversationsController } from './conversations/conversations.controller.js';
import { ConversationsRepository } from './conversations/conversations.repository.js';
import { ConversationsService } from './conversations/conversations.service.js';
import { EmergencyService } from './emergency.service.js';
import { ChatModel } from './model/chat-model.js';
import { OpenAiChatModel } from './model/openai-chat-model.js';
import { QuestionService } from './question.service.js';
import { Conversation } from './conversations/conversation.entity.js';
import { ConversationMessage } from './conversations/conversation-message.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([Conversation, ConversationMessage]), FaqsModule],
  controllers: [ChatController, ConversationsController],
  providers: [
    AnswerService,
    CallerRepository,
    ChatService,
    ConversationsRepository,
    ConversationsService,
    EmergencyService,
    QuestionService,
    { provide: ChatModel, useClass: OpenAiChatModel },
  ],
  exports: [CallerRepository, ChatService],
})
export class AiModule implements OnModuleInit {
  constructor({ AI_TOKENS_PER_DAY }: Config, limits: RateLimits) {
    limits.define({
      chatUser: { points: 30, seconds: 60 },
      chatEmergencies: { points: 120, seconds: 60 },
      chatTokens: { points: AI_TOKENS_PER_DAY, seconds: 24 * 60 * 60 },
    });
  }

  /** A build without these files of weights must not start: it could recognise neither an emergency nor a dangerous answer. */
  onModuleInit(): void {
    loadWeights();
    loadSentenceWeights();
  }
}
