export { AiModule } from './ai.module.js';
export { CallerRepository } from './caller.repository.js';
export { ChatErrorInterceptor } from './chat-error.interceptor.js';
export { ChatService } from './chat.service.js';
export { ChatAnswer, ChatRequest } from './chat.dto.js';
export { readAnswer, type ChatInput, type ChatReply } from './chat-reply.js';
export { emergencyText } from './answers/texts.js';
export { findEmergency, type Emergency } from './assessment.js';
export { MESSAGE_CONTENT } from './conversations/conversations.repository.js';
