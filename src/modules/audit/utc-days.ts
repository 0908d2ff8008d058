export const DAY_MILLISECONDS = 86_400_000;

/** The start of the UTC day of a time, in epoch milliseconds. */
export const startOfUtcDay = (date: Date): number => date.getTime() - (date.getTime() % DAY_MILLISECONDS);
