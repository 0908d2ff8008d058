import type { Language } from '../../core/kernel/locale.js';

interface ReceiptWords {
  receipt: string;
  number: string;
  date: string;
  patient: string;
  service: string;
  doctor: string;
  visit: string;
  deposit: string;
  payment: string;
  net: string;
  /** With the rate in percent. */
  tax: string;
  total: string;
  refunded: string;
  remaining: string;
  reference: string;
  printed: string;
}

/** The words of a receipt. */
export const RECEIPT_WORDS: Record<Language, ReceiptWords> = {
  en: {
    receipt: 'Receipt',
    number: 'Receipt no.',
    date: 'Paid on',
    patient: 'Patient',
    service: 'Service',
    doctor: 'Doctor',
    visit: 'Visit',
    deposit: 'Deposit',
    payment: 'Payment',
    net: 'Without tax',
    tax: 'Tax',
    total: 'Paid',
    refunded: 'Refunded',
    remaining: 'Left after refunds',
    reference: 'Reference',
    printed: 'Printed',
  },
  ar: {
    receipt: 'إيصال',
    number: 'رقم الإيصال',
    date: 'تاريخ الدفع',
    patient: 'المريض',
    service: 'الخدمة',
    doctor: 'الطبيب',
    visit: 'الموعد',
    deposit: 'عربون',
    payment: 'دفعة',
    net: 'بدون الضريبة',
    tax: 'الضريبة',
    total: 'المدفوع',
    refunded: 'المبلغ المسترد',
    remaining: 'المتبقي بعد الاسترداد',
    reference: 'المرجع',
    printed: 'طُبع',
  },
  hi: {
    receipt: 'रसीद',
    number: 'रसीद क्र.',
    date: 'भुगतान की तारीख',
    patient: 'मरीज़',
    service: 'सेवा',
    doctor: 'डॉक्टर',
    visit: 'अपॉइंटमेंट',
    deposit: 'अग्रिम राशि',
    payment: 'भुगतान',
    net: 'कर के बिना',
    tax: 'कर',
    total: 'भुगतान की गई राशि',
    refunded: 'लौटाई गई राशि',
    remaining: 'वापसी के बाद शेष',
    reference: 'संदर्भ',
    printed: 'मुद्रित',
  },
};
