export { QueueModule } from './queue.module.js';
export { QUEUE_MOVE_REASONS } from './queue.repository.js';
export { QueueService } from './queue.service.js';
export { QueueEntryView, type SentQueueEntry } from './queue.dto.js';
