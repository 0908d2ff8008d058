import Handlebars from 'handlebars';
import { HTML_LAYOUT, TEXT_LAYOUT } from './layouts.js';
import { LANGUAGES, type Language } from '../../../core/kernel/locale.js';
import { ARABIC } from './words.ar.js';
import { ENGLISH } from './words.en.js';
import { HINDI } from './words.hi.js';
import type { Labels, Phrase, Sentences, Words } from './words.js';

const WORDS: Record<Language, Words> = { en: ENGLISH, ar: ARABIC, hi: HINDI };

type Render = (values: object) => string;
type Compiled<Sources> = { readonly [Name in keyof Sources]: Render };

/** The texts of one language, compiled for plain text or for HTML. */
export interface CompiledWords {
  layout: Render;
  labels: Compiled<Labels>;
  sentences: Record<Phrase, Compiled<Sentences>>;
}

type Output = 'TEXT' | 'HTML';

/** Compiles one of our own texts. Values of people are inserted, and never compiled. */
function compile(source: string, output: Output): Render {
  // strict: a missing value is an error, not a gap in a patient's message.
  const options = { strict: true, knownHelpersOnly: true, noEscape: output === 'TEXT' };
  const template = Handlebars.compile<object>(source, options);
  return (values) => template(values);
}

const mapValues = <Key extends string, From, To>(from: Record<Key, From>, toValue: (value: From) => To) =>
  Object.fromEntries(Object.entries<From>(from).map(([key, value]) => [key, toValue(value)])) as Record<Key, To>;

function compileLanguage(language: Language, output: Output): CompiledWords {
  const { labels, sentences } = WORDS[language];
  const compileText = (source: string): Render => compile(source, output);
  return {
    layout: compileText(output === 'TEXT' ? TEXT_LAYOUT : HTML_LAYOUT),
    labels: mapValues(labels, compileText),
    sentences: mapValues(sentences, (texts) => mapValues(texts, compileText)),
  };
}

const compileLanguages = (output: Output): Record<Language, CompiledWords> =>
  Object.fromEntries(LANGUAGES.map((language) => [language, compileLanguage(language, output)])) as Record<
    Language,
    CompiledWords
  >;

export const TEXT = compileLanguages('TEXT');
export const HTML = compileLanguages('HTML');

/** A value in HTML: escaped, and isolated from the text direction of its sentence. */
export const bdi = (value: string): Handlebars.SafeString =>
  new Handlebars.SafeString(`<bdi>${Handlebars.escapeExpression(value)}</bdi>`);

/** Marks the output of an HTML template as escaped. */
export const asHtml = (html: string): Handlebars.SafeString => new Handlebars.SafeString(html);
