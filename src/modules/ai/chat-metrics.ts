import { Counter } from 'prom-client';
import { registry } from '../../core/metrics/registry.js';

export const chatAnswers = new Counter({
  name: 'careslot_chat_answers_total',
  help: 'Answers of the chat, by source and by what came of asking the model',
  labelNames: ['source', 'why'] as const,
  registers: [registry],
});
