export { AiModule } from './ai.module.js';
export { ChatService } from './chat.service.js';
export { ChatAnswer, ChatRequest } from './chat.dto.js';
export { wholeAnswer, type ChatInput, type ChatReply } from './chat-reply.js';
export { emergencyText } from './answers/texts.js';
export { emergencyTextFor } from './emergency-text-for.js';
export { findRedFlag, findRedFlagInLongText, type Found } from './red-flags/find-red-flag.js';
