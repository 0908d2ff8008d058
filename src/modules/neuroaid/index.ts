export { NeuroAidModule } from './neuroaid.module.js';
