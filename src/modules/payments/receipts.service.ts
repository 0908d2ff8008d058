import { Injectable } from '@nestjs/common';
import { Semaphore } from '../../core/concurrency/semaphore.js';
import { Database } from '../../core/database/database.js';
import { RawReply } from '../../core/http/careslot-adapter.js';
import type { Actor } from '../../core/kernel/actor.js';
import { Clock } from '../../core/kernel/clock.js';
import { notFound } from '../../core/kernel/domain-error.js';
import type { Receipt } from './receipt-pdf.js';
import { PaymentsService } from './payments.service.js';

/** A PDF takes tens of milliseconds of computing; more at once would delay other requests. */
const MAX_PDFS_AT_ONCE = 2;

type Names = Pick<
  Receipt,
  'clinicName' | 'clinicAddress' | 'clinicPhone' | 'timeZone' | 'patientName' | 'serviceName' | 'doctorName' | 'locale'
> & { startAt: Date; taxBasisPoints: number };

/** Prints the receipts of payments, in the language of the patient. */
@Injectable()
export class ReceiptsService {
  private readonly permits = new Semaphore({ total: MAX_PDFS_AT_ONCE });

  constructor(
    private readonly db: Database,
    private readonly payments: PaymentsService,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError NOT_FOUND, also for a payment that has not arrived */
  async print(actor: Actor, id: string): Promise<RawReply> {
    const payment = await this.payments.get(actor, id);
    const names = await this.db.row<Names>(NAMES, [id]);
    const { receiptNumber, paidAt } = payment;
    if (!names || receiptNumber === null || paidAt === null) throw notFound();
    const receipt = { ...names, payment: { ...payment, receiptNumber, paidAt }, printedAt: new Date(this.clock.now()) };
    return new RawReply(await this.toPdf(receipt), 'application/pdf', {
      'Content-Disposition': `attachment; filename="receipt-${receiptNumber}.pdf"`,
      'Cache-Control': 'private, no-store',
      'X-Content-Type-Options': 'nosniff',
    });
  }

  private async toPdf(receipt: Receipt): Promise<Buffer> {
    const release = await this.permits.acquire();
    try {
      // Loaded with the first file: the library takes a tenth of the time in which a process starts.
      const { toPdf } = await import('./receipt-pdf.js');
      return await toPdf(receipt);
    } finally {
      release();
    }
  }
}

// Hand-written SQL: names of several features, in one statement.
const NAMES = `
  SELECT k.name AS "clinicName", k.address AS "clinicAddress", k.phone AS "clinicPhone", k.time_zone AS "timeZone",
         concat_ws(' ', u.first_name, u.last_name) AS "patientName", u.locale, s.name AS "serviceName",
         concat_ws(' ', d.title, d.first_name, d.last_name) AS "doctorName", p.start_at AS "startAt",
         p.tax_basis_points AS "taxBasisPoints"
  FROM payment p JOIN clinic k ON k.id = p.clinic_id JOIN client c ON c.id = p.client_id
  JOIN user_account u ON u.id = c.user_id JOIN service s ON s.id = p.service_id
  JOIN doctor d ON d.id = coalesce((SELECT a.doctor_id FROM appointment a WHERE a.id = p.appointment_id), p.doctor_id)
  WHERE p.id = $1`;
