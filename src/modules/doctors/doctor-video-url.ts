import { encryptedField } from '../../core/encryption/encrypted-column.js';

/** The link to join video visits with a doctor. */
export const DOCTOR_VIDEO_URL = encryptedField('doctor', 'video_url', { id: 'uuid' });
