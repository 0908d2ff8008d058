const MINUTE = 60_000;

/** Whether the clinic's cut-off before a visit has passed, after which a patient may no longer cancel or move it. @param now epoch milliseconds */
export const isPastCutoff = (startAt: Date, cutoffMinutes: number, now: number): boolean =>
  now > startAt.getTime() - cutoffMinutes * MINUTE;
