export { FaqsModule } from './faqs.module.js';
export { FaqsService } from './faqs.service.js';
export { ChangeFaq, CreateFaq, FaqsQuery, FaqView } from './faqs.dto.js';
export { FaqIndex } from './matching/faq-index.js';
