import { readFileSync } from 'node:fs';
import { parseModel, type LinearModel } from './linear-model.js';

/** What a message is about. EMERGENCY and SELF_HARM are both emergencies; the second one has a text of its own. */
export const CLASSES = ['EMERGENCY', 'SELF_HARM', 'HEALTH', 'ADMIN'] as const;
export type MessageClass = (typeof CLASSES)[number];

let loaded: LinearModel | undefined;

/** The committed weights, which `npm run train:red-flags` writes, read once. */
export const loadWeights = (): LinearModel =>
  (loaded ??= parseModel(readFileSync(new URL('./weights.bin', import.meta.url)), CLASSES.length));
