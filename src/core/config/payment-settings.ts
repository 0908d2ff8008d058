import { z } from 'zod';
import { url } from './variable-types.js';

/** Online payments by Razorpay. */
export const PAYMENT_SETTINGS = {
  RAZORPAY_KEY_ID: z.string().startsWith('rzp_').optional(),
  RAZORPAY_KEY_SECRET: z.string().min(8).optional(),
  RAZORPAY_WEBHOOK_SECRET: z.string().min(8).optional(),
  RAZORPAY_ACCOUNT_ID: z.string().startsWith('acc_').optional(),
  RAZORPAY_API_URL: url('http:', 'https:').default('https://api.razorpay.com'),
} as const;
