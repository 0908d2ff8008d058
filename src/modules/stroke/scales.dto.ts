import { ABCD2_RANGES, CLINICAL_FEATURES, type ClinicalFeature } from './scores/abcd2.js';
import { BIOLOGICAL_SEXES, CHA2DS2_AGE, type BiologicalSex } from './scores/cha2ds2.js';
import { CPSS_MAXIMA } from './scores/cpss.js';
import { FRAMINGHAM_RANGES } from './scores/framingham.js';
import { LAMS_MAXIMA } from './scores/lams.js';
import { MRS_MAX } from './scores/mrs.js';
import type { UNTESTABLE } from './scores/nihss.js';
import { PREVENT_RANGES } from './scores/prevent.js';
import { RACE_MAXIMA, SIDES, type Side } from './scores/race.js';
import { Measurement, Nihss, IsOneOf, Points, Whole, YesNo } from './rating-decorators.js';

/** The signs of BE-FAST and the danger signs: sudden, now or before. */
export class Symptoms {
  @YesNo()
  balance?: boolean | null;

  /** Sudden vision problem. */
  @YesNo()
  eyes?: boolean | null;

  @YesNo()
  face?: boolean | null;

  @YesNo()
  arm?: boolean | null;

  @YesNo()
  speech?: boolean | null;

  @YesNo()
  suddenSevereHeadache?: boolean | null;

  @YesNo()
  seizure?: boolean | null;

  @YesNo()
  reducedConsciousness?: boolean | null;
}

export class CpssRating {
  @Points(CPSS_MAXIMA.facialDroop)
  facialDroop?: number | null;

  @Points(CPSS_MAXIMA.armDrift)
  armDrift?: number | null;

  @Points(CPSS_MAXIMA.abnormalSpeech)
  abnormalSpeech?: number | null;

  /** Neither arm moves: normal for the score, an emergency for the level. */
  @YesNo()
  bothArmsImmobile?: boolean | null;
}

type Rated = number | typeof UNTESTABLE | null;

export class NihssRating {
  @Nihss('item1a')
  item1a?: Rated;

  @Nihss('item1b')
  item1b?: Rated;

  @Nihss('item1c')
  item1c?: Rated;

  @Nihss('item2')
  item2?: Rated;

  @Nihss('item3')
  item3?: Rated;

  @Nihss('item4')
  item4?: Rated;

  @Nihss('item5a')
  item5a?: Rated;

  @Nihss('item5b')
  item5b?: Rated;

  @Nihss('item6a')
  item6a?: Rated;

  @Nihss('item6b')
  item6b?: Rated;

  @Nihss('item7')
  item7?: Rated;

  @Nihss('item8')
  item8?: Rated;

  @Nihss('item9')
  item9?: Rated;

  @Nihss('item10')
  item10?: Rated;

  @Nihss('item11')
  item11?: Rated;
}

export class LamsRating {
  @Points(LAMS_MAXIMA.facialDroop)
  facialDroop?: number | null;

  @Points(LAMS_MAXIMA.armDrift)
  armDrift?: number | null;

  @Points(LAMS_MAXIMA.gripStrength)
  gripStrength?: number | null;
}

export class RaceRating {
  @Points(RACE_MAXIMA.facialPalsy)
  facialPalsy?: number | null;

  @Points(RACE_MAXIMA.arm)
  arm?: number | null;

  @Points(RACE_MAXIMA.leg)
  leg?: number | null;

  @Points(RACE_MAXIMA.gaze)
  gaze?: number | null;

  /** The weak side. */
  @IsOneOf(SIDES)
  hemiparesis?: Side | null;

  /** Rated if the right side is weak; not together with agnosia. */
  @Points(RACE_MAXIMA.aphasia)
  aphasia?: number | null;

  /** Rated if the left side is weak; not together with aphasia. */
  @Points(RACE_MAXIMA.agnosia)
  agnosia?: number | null;
}

export class Abcd2Facts {
  @Whole(ABCD2_RANGES.age)
  age?: number | null;

  /** mm Hg */
  @Measurement(ABCD2_RANGES.systolic)
  systolic?: number | null;

  /** mm Hg */
  @Measurement(ABCD2_RANGES.diastolic)
  diastolic?: number | null;

  /** Weakness of one side, otherwise a speech problem, otherwise other. */
  @IsOneOf(CLINICAL_FEATURES)
  clinical?: ClinicalFeature | null;

  @Measurement(ABCD2_RANGES.durationMinutes)
  durationMinutes?: number | null;

  @YesNo()
  diabetes?: boolean | null;
}

/** The input of CHA2DS2-VASc and, without the sex, CHA2DS2-VA. */
export class Cha2ds2Facts {
  @Whole(CHA2DS2_AGE)
  age?: number | null;

  @IsOneOf(BIOLOGICAL_SEXES)
  sex?: BiologicalSex | null;

  @YesNo()
  heartFailure?: boolean | null;

  @YesNo()
  hypertension?: boolean | null;

  @YesNo()
  diabetes?: boolean | null;

  /** A stroke, a transient ischaemic attack or a thromboembolism in the past. */
  @YesNo()
  strokeOrTia?: boolean | null;

  @YesNo()
  vascularDisease?: boolean | null;
}

export class MrsRating {
  /** 0 no symptoms to 6 dead. */
  @Points(MRS_MAX)
  grade?: number | null;
}

class RiskFactors {
  @IsOneOf(BIOLOGICAL_SEXES)
  sex?: BiologicalSex | null;

  @YesNo()
  diabetes?: boolean | null;

  @YesNo()
  smoker?: boolean | null;

  /** Takes medicine against high blood pressure. */
  @YesNo()
  bpTreated?: boolean | null;
}

export class PreventFacts extends RiskFactors {
  /** The 30-year risk is computed up to age 59. */
  @Whole(PREVENT_RANGES.age)
  age?: number | null;

  @Measurement(PREVENT_RANGES.totalCholesterolMgDl)
  totalCholesterolMgDl?: number | null;

  @Measurement(PREVENT_RANGES.hdlMgDl)
  hdlMgDl?: number | null;

  /** mm Hg */
  @Measurement(PREVENT_RANGES.systolic)
  systolic?: number | null;

  @YesNo()
  statin?: boolean | null;

  /** mL/min/1.73 m2 */
  @Measurement(PREVENT_RANGES.egfr)
  egfr?: number | null;

  /** kg/m2; required only for the risk of heart failure. */
  @Measurement(PREVENT_RANGES.bmi)
  bmi?: number | null;
}

/** The input of Framingham, with lipids or, for the office model, with the body mass index. */
export class FraminghamFacts extends RiskFactors {
  @Whole(FRAMINGHAM_RANGES.age)
  age?: number | null;

  @Measurement(FRAMINGHAM_RANGES.totalCholesterolMgDl)
  totalCholesterolMgDl?: number | null;

  @Measurement(FRAMINGHAM_RANGES.hdlMgDl)
  hdlMgDl?: number | null;

  /** mm Hg */
  @Measurement(FRAMINGHAM_RANGES.systolic)
  systolic?: number | null;

  /** kg/m2; used if the lipids are unknown. */
  @Measurement(FRAMINGHAM_RANGES.bmi)
  bmi?: number | null;
}
