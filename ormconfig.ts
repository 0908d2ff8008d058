import { createDataSource } from './src/core/database/data-source.js';

/** The DataSource of the TypeORM command line: npm run typeorm -- migration:show */
export default createDataSource(process.env.DATABASE_URL ?? 'postgres://localhost:5432/careslot');
