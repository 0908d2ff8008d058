import { normalizeHeader } from '../mapping/column-mapping.js';

const NAMES: Readonly<Record<string, string>> = {
  ar: 'arabic|العربية|عربي|अरबी|arabisch|árabe|arabe',
  en: 'english|الإنجليزية|انجليزي|अंग्रेज़ी|englisch|inglés|anglais',
  hi: 'hindi|الهندية|हिन्दी|हिंदी',
  de: 'german|الألمانية|जर्मन|deutsch|alemán|allemand',
  es: 'spanish|الإسبانية|स्पेनिश|spanisch|español|espagnol',
  fr: 'french|الفرنسية|फ़्रेंच|französisch|francés|français',
};

const BY_NAME = new Map(
  Object.entries(NAMES).flatMap(([tag, names]) => names.split('|').map((name) => [normalizeHeader(name), tag])),
);

/** The tag of a language by its name; other texts as they are. */
export const parseLanguage = (text: string): string => BY_NAME.get(normalizeHeader(text)) ?? text;
