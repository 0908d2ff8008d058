/**
 * The words and phrases for each concept, separated by commas. A phrase may stand for several concepts, and words of several languages
 * share one. `*` stands for any ending.
 */
export type Lexicon = Readonly<Partial<Record<Concept, string>>>;

/** What words stand for in the questions that clinics are asked. */
const CONCEPTS = [
  'EMERGENCY',
  'BOOK',
  'APPOINTMENT',
  'CANCEL',
  'CHANGE',
  'BRING',
  'DOCUMENT',
  'REMINDER',
  'VIDEO',
  'VISIT',
  'PRICE',
  'PAY',
  'REFUND',
  'INSURANCE',
  'UPLOAD',
  'SCAN',
  'DATA',
  'DELETE',
  'HOURS',
  'LOCATION',
  'PARKING',
  'RESULT',
  'TEST',
  'PRESCRIPTION',
  'RENEW',
  'REFERRAL',
  'SPECIALIST',
  'LATE',
  'WAITLIST',
  'EARLIER',
  'FAMILY',
  'LANGUAGE',
  'ACCESS',
  'COPY',
  'RECORDS',
  'PHONE',
  'ADDRESS',
  'PASSWORD',
  'CERTIFICATE',
  'FASTING',
  'REGISTER',
  'CHOOSE',
  'WOMAN',
  'DOCTOR',
  'CLINIC',
  'COMPLAINT',
  'TIME',
  /** Signs, symptoms, parts of the body, diseases, medicines. */
  'CLINICAL',
  /** Subjects that are not a clinic's. */
  'OTHER',
  /** Words that do not describe the subject. */
  'FILLER',
] as const;
export type Concept = (typeof CONCEPTS)[number];

/** Concepts that occur in questions about any subject. They count less if the FAQ lacks them. */
export const WEAK_CONCEPTS: ReadonlySet<Concept> = new Set([
  'APPOINTMENT',
  'VISIT',
  'DOCTOR',
  'CLINIC',
  'FAMILY',
  'TIME',
  'SPECIALIST',
  'TEST',
  'SCAN',
]);
