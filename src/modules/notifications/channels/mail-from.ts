import { mailAddress } from '../../../core/kernel/email.js';

export const mailDomain = (mailFrom: string): string => mailAddress(mailFrom).split('@')[1] ?? 'localhost';
