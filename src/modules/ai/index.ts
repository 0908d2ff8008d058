export { AiModule } from './ai.module.js';
export { ChatErrorInterceptor } from './chat-error.interceptor.js';
export { ChatService } from './chat.service.js';
export { ChatAnswer, ChatRequest } from './chat.dto.js';
export { readAnswer } from './chat-reply.js';
export { emergencyText } from './answers/texts.js';
export { findEmergency, type Emergency } from './assessment.js';
export { MESSAGE_CONTENT } from './conversations/conversations.repository.js';
