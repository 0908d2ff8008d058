import { Counter } from 'prom-client';
import { registry } from '../../core/metrics/registry.js';

export const chatAnswers = new Counter({
  name: 'careslot_chat_answers_total',
  help: 'Chat answers by source and by the result of the model call',
  labelNames: ['source', 'why'] as const,
  registers: [registry],
});
