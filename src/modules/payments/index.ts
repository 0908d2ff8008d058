export { PaymentsModule, PaymentsProcessorModule } from './payments.module.js';
export { percentOf } from './ledger.js';
export { formatMoney } from './money-text.js';
export {
  Payables,
  type PaidVisit,
  type Payable,
  type PayableRequest,
  type PayableSource,
  type Settlement,
} from './payables.js';
export { paymentRequired } from './payment.errors.js';
export { REFUND_EVENT, RefundMaker } from './refund-maker.js';
