import Handlebars from 'handlebars';
import { HTML_LAYOUT, TEXT_LAYOUT } from './layouts.js';
import { LANGUAGES, type Language } from './locales.js';
import { WORDS, type Labels, type Phrase, type Sentences } from './words.js';

type Fill = (values: object) => string;
type Filled<Source> = { readonly [Name in keyof Source]: Fill };

/** The words of one language, compiled for one kind of output. */
export interface Compiled {
  layout: Fill;
  labels: Filled<Labels>;
  sentences: Record<Phrase, Filled<Sentences>>;
}

/** Compiles our own sources only, once. Values are inserted and never read as templates. */
const compiler =
  (noEscape: boolean) =>
  (source: string): Fill => {
    // strict: a missing value is an error, not a gap in a patient's message.
    const template = Handlebars.compile<object>(source, { strict: true, knownHelpersOnly: true, noEscape });
    return (values) => template(values);
  };

const compileAll = <Source extends object>(sources: Source, compile: (source: string) => Fill): Filled<Source> =>
  Object.fromEntries(
    Object.entries(sources).map(([name, source]) => [name, compile(source as string)]),
  ) as Filled<Source>;

function compileLanguage(language: Language, noEscape: boolean): Compiled {
  const compile = compiler(noEscape);
  const { labels, sentences } = WORDS[language];
  return {
    layout: compile(noEscape ? TEXT_LAYOUT : HTML_LAYOUT),
    labels: compileAll(labels, compile),
    sentences: Object.fromEntries(
      Object.entries(sentences).map(([phrase, sources]) => [phrase, compileAll(sources, compile)]),
    ) as Record<Phrase, Filled<Sentences>>,
  };
}

const every = (noEscape: boolean): Record<Language, Compiled> =>
  Object.fromEntries(LANGUAGES.map((language) => [language, compileLanguage(language, noEscape)])) as Record<
    Language,
    Compiled
  >;

export const TEXT = every(true);
export const HTML = every(false);

/** A value in HTML: escaped, and isolated from the text direction of its sentence. */
export const bdi = (value: string): Handlebars.SafeString =>
  new Handlebars.SafeString(`<bdi>${Handlebars.escapeExpression(value)}</bdi>`);

/** The output of an HTML template is escaped already. */
export const asHtml = (html: string): Handlebars.SafeString => new Handlebars.SafeString(html);
