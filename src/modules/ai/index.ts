export { AiModule } from './ai.module.js';
export { ChatService } from './chat.service.js';
export { ChatAnswer, ChatRequest } from './chat.dto.js';
export type { Asked, Turn } from './turn.js';
