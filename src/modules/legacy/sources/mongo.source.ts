import { CollectionsSource } from './collections.source.js';
import { decodeExtendedJson } from './extended-json.js';
import { readCollections, readHead, readLines, type Collection } from './json-files.js';

/** Files of `mongoexport`, one for each collection: a document on each line, or a list with `--jsonArray`. */
export const mongoSource = (files: readonly string[]): CollectionsSource =>
  new CollectionsSource('mongodb', files, open);

async function open(file: string): Promise<Collection[]> {
  const isList = (await readHead(file)).trimStart().startsWith('[');
  return isList ? readCollections(file, decodeExtendedJson) : [readLines(file, decodeExtendedJson)];
}
