import type { FieldError } from '../../core/kernel/domain-error.js';
import type { Range } from './scores/score-result.js';

export const GLUCOSE_UNITS = ['MG_DL', 'MMOL_L'] as const;
export type GlucoseUnit = (typeof GLUCOSE_UNITS)[number];

export interface Glucose {
  glucose?: number | null;
  glucoseUnit?: GlucoseUnit;
}

/** The measurable range of each unit. */
const RANGES: Readonly<Record<GlucoseUnit, Range>> = { MG_DL: [20, 1500], MMOL_L: [1, 85] };
/**
 * Level 1 and level 2 of hypoglycaemia: International Hypoglycaemia Study Group, Diabetes Care 2017;40:155-157, doi
 * 10.2337/dc16-2215 (54 mg/dL = 3.0 mmol/L), and its alert value of 70 mg/dL = 3.9 mmol/L.
 */
const LOW: Readonly<Record<GlucoseUnit, number>> = { MG_DL: 70, MMOL_L: 3.9 };
const VERY_LOW: Readonly<Record<GlucoseUnit, number>> = { MG_DL: 54, MMOL_L: 3.0 };

export function glucoseErrors({ glucose, glucoseUnit = 'MG_DL' }: Glucose): FieldError[] {
  const [min, max] = RANGES[glucoseUnit];
  if (glucose === null || glucose === undefined || (glucose >= min && glucose <= max)) return [];
  return [{ field: 'glucose', error: `must be ${min} to ${max} in ${glucoseUnit}` }];
}

const isBelow = ({ glucose, glucoseUnit = 'MG_DL' }: Glucose, limits: Readonly<Record<GlucoseUnit, number>>): boolean =>
  typeof glucose === 'number' && glucose < limits[glucoseUnit];

/** Whether the glucose is low, which can imitate a stroke and is treated at once. It never lowers the level. */
export const isLow = (glucose: Glucose): boolean => isBelow(glucose, LOW);

/** Whether the glucose is very low, which together with any symptom is an emergency. */
export const isVeryLow = (glucose: Glucose): boolean => isBelow(glucose, VERY_LOW);
