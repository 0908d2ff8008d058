import { Injectable } from '@nestjs/common';
import { isISO4217CurrencyCode } from 'class-validator';
import { ChangeService, CreateService, ServicesService, type Price } from '../../scheduling/index.js';
import type { LegacyDoctor, LegacyService } from '../legacy-data.js';
import type { MigrationRun } from '../migration-run.js';
import { DEFAULT_MINUTES, getMinorDigits } from '../mapping/values.js';
import { Importers, toRequest, type Imported, type Importer } from './importer.js';

const MIN_MINUTES = 5;
const MAX_MINUTES = 720;

@Injectable()
export class ServicesImporter implements Importer<'service'> {
  constructor(
    importers: Importers,
    private readonly services: ServicesService,
  ) {
    importers.register('service', this);
  }

  async create(item: LegacyService, run: MigrationRun): Promise<Imported> {
    const fields = { clinicId: run.clinicId, ...toFields(item, run) };
    return this.services.create(run.actor, await toRequest(CreateService, fields));
  }

  async update(item: LegacyService, id: string, run: MigrationRun): Promise<Imported> {
    await this.services.change(run.actor, id, await toRequest(ChangeService, toFields(item, run)), null);
    return { id };
  }

  /** The service of a doctor for whom the other system has none. */
  async createDefault(doctorId: string, terms: DefaultTerms, run: MigrationRun): Promise<string> {
    const service = await toRequest(CreateService, {
      clinicId: run.clinicId,
      name: DEFAULT_NAME[run.locale.slice(0, 2)] ?? 'Consultation',
      ...toTerms(terms, run),
      doctorIds: [doctorId],
      isDefault: true,
    });
    return (await this.services.create(run.actor, service)).id;
  }

  async changeDefault(id: string, terms: DefaultTerms, run: MigrationRun): Promise<void> {
    await this.services.change(run.actor, id, await toRequest(ChangeService, toTerms(terms, run)), null);
  }
}

/** What the other system tells about the visits of a doctor without services. */
type DefaultTerms = Pick<LegacyDoctor, 'durationMinutes' | 'price' | 'currency'>;

const toTerms = ({ durationMinutes, price, currency }: DefaultTerms, run: MigrationRun): object => ({
  durationMinutes: toMinutes(durationMinutes ?? DEFAULT_MINUTES, run),
  price: toPrice(price, currency, run),
});

const DEFAULT_NAME: Readonly<Record<string, string>> = { ar: 'استشارة', hi: 'परामर्श' };

const toFields = (
  { name, description, durationMinutes, price, currency }: LegacyService,
  run: MigrationRun,
): object => ({
  name,
  description,
  durationMinutes: toMinutes(durationMinutes, run),
  price: toPrice(price, currency, run),
});

function toMinutes(minutes: number, run: MigrationRun): number {
  const allowed = Math.min(Math.max(Math.round(minutes), MIN_MINUTES), MAX_MINUTES);
  if (allowed !== minutes) run.warn('duration', `was changed to ${allowed} minutes`);
  return allowed;
}

function toPrice(price: number | null, currency: string | null, run: MigrationRun): Price {
  const isKnown = currency === null || isISO4217CurrencyCode(currency.toUpperCase());
  if (!isKnown) run.warn('currency', `is not an ISO 4217 code; ${run.currency} was used`);
  const code = isKnown ? (currency?.toUpperCase() ?? run.currency) : run.currency;
  return { amount: Math.round((price ?? 0) * 10 ** getMinorDigits(code)), currency: code };
}
