import { abcd2, type Abcd2Input } from './abcd2.js';
import { beFast, type BeFastInput } from './be-fast.js';
import { cha2ds2Va, cha2ds2Vasc, type Cha2ds2Input } from './cha2ds2.js';
import { cpss, type CpssInput } from './cpss.js';
import type { ScoreResult } from './score-result.js';
import { framingham, type FraminghamInput } from './framingham.js';
import { lams, type LamsInput } from './lams.js';
import { mrs, type MrsInput } from './mrs.js';
import { nihss, type NihssInput } from './nihss.js';
import { prevent10, prevent30, type PreventInput } from './prevent.js';
import { race, type RaceInput } from './race.js';

/** The ratings, with one part for each used instrument. */
export interface Ratings {
  symptoms?: BeFastInput;
  cpss?: CpssInput;
  nihss?: NihssInput;
  lams?: LamsInput;
  race?: RaceInput;
  abcd2?: Abcd2Input;
  cha2ds2?: Cha2ds2Input;
  mrs?: MrsInput;
  prevent?: PreventInput;
  framingham?: FraminghamInput;
}

const INSTRUMENTS: ((ratings: Ratings) => ScoreResult | undefined)[] = [
  ({ symptoms }) => symptoms && beFast(symptoms),
  (ratings) => ratings.cpss && cpss(ratings.cpss),
  (ratings) => ratings.nihss && nihss(ratings.nihss),
  (ratings) => ratings.lams && lams(ratings.lams),
  (ratings) => ratings.race && race(ratings.race),
  (ratings) => ratings.abcd2 && abcd2(ratings.abcd2),
  ({ cha2ds2 }) => cha2ds2 && cha2ds2Vasc(cha2ds2),
  ({ cha2ds2 }) => cha2ds2 && cha2ds2Va(cha2ds2),
  (ratings) => ratings.mrs && mrs(ratings.mrs),
  ({ prevent }) => prevent && prevent10(prevent),
  ({ prevent }) => prevent && prevent30(prevent),
  (ratings) => ratings.framingham && framingham(ratings.framingham),
];

/** A result for each used instrument, complete or not. */
export const computeScores = (ratings: Ratings): ScoreResult[] =>
  INSTRUMENTS.flatMap((compute) => compute(ratings) ?? []);
