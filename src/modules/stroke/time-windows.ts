import type { ScoreResult } from './scores/score-result.js';

export type IvtWindow = 'STANDARD' | 'EXTENDED_IMAGING_ONLY' | 'SPECIALIST_ONLY' | 'OUTSIDE' | 'UNKNOWN';
export type EvtWindow = '0_6H' | '6_24H' | 'OUTSIDE' | 'UNKNOWN';

/** An open treatment window of the guideline with its further conditions. Neither a decision nor a dose. */
export interface OpenWindow {
  code: string;
  condition: string;
  /** What may exclude the treatment although the time allows it. */
  caveats: string[];
}

export interface TimeWindows {
  isDecision: false;
  /** Always true: elapsed time never weakens the advice to call. */
  emergencyAdvice: true;
  minutesSinceLastKnownWell: number | null;
  ivtWindow: IvtWindow;
  evtWindow: EvtWindow;
  open: OpenWindow[];
  source: string;
}

export interface Onset {
  /** Minutes, may have fractions; null if unknown. */
  sinceLastKnownWell: number | null;
  /** Minutes since the symptoms were noticed; null if unknown. */
  sinceRecognised?: number | null;
  wakeUp?: boolean | null;
  onsetWitnessed?: boolean | null;
  /** The NIHSS score; null if unknown, which excludes no window. */
  nihss?: number | null;
  anticoagulant?: boolean | null;
}

const HOUR_MINUTES = 60;
const SOURCE = 'Prabhakaran S et al., AHA/ASA guideline, Stroke 2026, doi 10.1161/STR.0000000000000513';

/**
 * The windows of the AHA/ASA 2026 guideline that are open for a time since last known well; each window includes its end. An unknown
 * time is UNKNOWN, not OUTSIDE. Information for clinicians only.
 * @throws RangeError if last known well is in the future
 */
export function timeWindows(onset: Onset): TimeWindows {
  const minutes = onset.sinceLastKnownWell;
  if (minutes !== null && !(minutes >= 0)) throw new RangeError('last known well is in the future');
  return {
    isDecision: false,
    emergencyAdvice: true,
    minutesSinceLastKnownWell: minutes === null ? null : Math.floor(minutes),
    ivtWindow: getIvtWindow(minutes),
    evtWindow: getEvtWindow(minutes),
    open: WINDOWS.filter(({ holds }) => holds(onset)).map(({ code, condition }) => ({
      code,
      condition,
      caveats: getCaveats(code, onset),
    })),
    source: SOURCE,
  };
}

function getIvtWindow(minutes: number | null): IvtWindow {
  if (minutes === null) return 'UNKNOWN';
  if (minutes <= 4.5 * HOUR_MINUTES) return 'STANDARD';
  if (minutes <= 9 * HOUR_MINUTES) return 'EXTENDED_IMAGING_ONLY';
  return minutes <= 24 * HOUR_MINUTES ? 'SPECIALIST_ONLY' : 'OUTSIDE';
}

function getEvtWindow(minutes: number | null): EvtWindow {
  if (minutes === null) return 'UNKNOWN';
  if (minutes <= 6 * HOUR_MINUTES) return '0_6H';
  return minutes <= 24 * HOUR_MINUTES ? '6_24H' : 'OUTSIDE';
}

const BASILAR_NIHSS = 10;

/** The minutes since the middle of the sleep, which lasts from last known well to waking up with symptoms. */
function sinceSleepMidpoint({ wakeUp, sinceLastKnownWell, sinceRecognised }: Onset): number | null {
  if (!wakeUp || sinceLastKnownWell === null || sinceRecognised === null || sinceRecognised === undefined) return null;
  return (sinceLastKnownWell + sinceRecognised) / 2;
}

const isOnsetUnknown = ({ sinceLastKnownWell, wakeUp, onsetWitnessed }: Onset): boolean =>
  sinceLastKnownWell === null || wakeUp === true || onsetWitnessed === false;

const isWithin = (minutes: number | null | undefined, hours: number): boolean =>
  minutes !== null && minutes !== undefined && minutes <= hours * HOUR_MINUTES;

const isBetween = (minutes: number | null, after: number, to: number): boolean =>
  isWithin(minutes, to) && !isWithin(minutes, after);

const ANTICOAGULANT = 'an anticoagulant is taken: it may exclude thrombolysis';

/** The caveats of a window: an anticoagulant for each window of thrombolysis (IVT). */
const getCaveats = (code: string, { anticoagulant }: Onset): string[] =>
  anticoagulant && code.startsWith('IVT_') ? [ANTICOAGULANT] : [];

const WINDOWS: (Omit<OpenWindow, 'caveats'> & { holds: (onset: Onset) => boolean })[] = [
  {
    code: 'IVT_STANDARD',
    condition: 'within 4.5 h; a disabling deficit, whatever the NIHSS',
    holds: ({ sinceLastKnownWell }) => isWithin(sinceLastKnownWell, 4.5),
  },
  {
    code: 'IVT_EXTENDED_UNKNOWN_ONSET',
    condition: 'onset unknown, within 4.5 h of recognition; with imaging',
    holds: (onset) => isOnsetUnknown(onset) && isWithin(onset.sinceRecognised, 4.5),
  },
  {
    code: 'IVT_EXTENDED_WAKE_UP',
    condition: 'woke up with it, within 9 h of the middle of the sleep; with imaging',
    holds: (onset) => isWithin(sinceSleepMidpoint(onset), 9),
  },
  {
    code: 'IVT_EXTENDED_4_5_TO_9_H',
    condition: '4.5 to 9 h; with imaging (2a)',
    holds: ({ sinceLastKnownWell }) => isBetween(sinceLastKnownWell, 4.5, 9),
  },
  {
    code: 'IVT_LVO_WITHOUT_EVT_4_5_TO_24_H',
    condition: '4.5 to 24 h; large vessel occlusion, thrombectomy not available (2b)',
    holds: ({ sinceLastKnownWell }) => isBetween(sinceLastKnownWell, 4.5, 24),
  },
  {
    code: 'EVT_0_TO_6_H',
    condition: 'within 6 h; large vessel occlusion',
    holds: ({ sinceLastKnownWell }) => isWithin(sinceLastKnownWell, 6),
  },
  {
    code: 'EVT_SELECTED_6_TO_24_H',
    condition: '6 to 24 h; selected by imaging',
    holds: ({ sinceLastKnownWell }) => isBetween(sinceLastKnownWell, 6, 24),
  },
  {
    code: 'EVT_BASILAR_24_H',
    condition: 'within 24 h; occlusion of the basilar artery and an NIHSS of 10 or more',
    holds: ({ sinceLastKnownWell, nihss }) =>
      isWithin(sinceLastKnownWell, 24) && (nihss ?? BASILAR_NIHSS) >= BASILAR_NIHSS,
  },
];

/**
 * The NIHSS score; null if it is incomplete. It is also null with untestable items, because a lower bound must not exclude a window.
 */
export const getNihssScore = (results: readonly ScoreResult[]): number | null => {
  const result = results.find(({ instrument }) => instrument === 'NIHSS');
  return result?.complete ? result.score : null;
};
