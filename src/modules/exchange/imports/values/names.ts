export interface PersonNames {
  title: string | null;
  firstName: string;
  lastName: string;
}

const TITLE =
  /^(?:(?:dr|prof|professor|mr|mrs|ms|miss|herr|frau|sra|dra|mme|श्री|श्रीमती|डॉ|د|أ\.?\s?د)\.?\s+(?=\S+\s)|د\.\s*(?=\S))/iu;

/**
 * Splits a full name: the last word is the last name, or the part before a comma. Null for a single word.
 */
export function splitName(fullName: string): PersonNames | null {
  const text = fullName.replace(/\s+/g, ' ').trim();
  const title = TITLE.exec(text)?.[0] ?? '';
  const name = text.slice(title.length).trim();
  const comma = /^([^,،]+)[,،]\s*(\S.*)$/.exec(name);
  if (comma) return { title: title.trim() || null, firstName: comma[2] ?? '', lastName: comma[1] ?? '' };
  const space = name.lastIndexOf(' ');
  if (space < 0) return null;
  return { title: title.trim() || null, firstName: name.slice(0, space), lastName: name.slice(space + 1) };
}
