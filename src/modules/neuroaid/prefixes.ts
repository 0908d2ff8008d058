/** The prefixes below which the app calls: `/api/main`, and `/api` in older builds. */
const PREFIXES = ['api/main', 'api'] as const;

/** A path with both prefixes. */
export const mobilePaths = (path: string): string[] => PREFIXES.map((prefix) => `${prefix}/${path}`);
