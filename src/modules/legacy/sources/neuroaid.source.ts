import { CollectionsSource } from './collections.source.js';
import { readCollections } from './json-files.js';

/**
 * The JSON files of the NeuroAid server, in Express or in Flask: `users.json`, `db.json` with doctors, bookings, scans and favourites, and
 * `faqs.json`. Source: https://github.com/engbasel/backend (flask_server/utils/database.py, flask_server/routes).
 */
export const neuroaidSource = (files: readonly string[]): CollectionsSource =>
  new CollectionsSource('neuroaid', files, (file) => readCollections(file));
