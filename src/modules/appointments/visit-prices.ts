import type { Database } from '../../core/database/database.js';
import type { BookingRules, VisitPrice } from '../scheduling/index.js';

/** The prices of new visits of one patient. */
export class VisitPrices {
  private readonly seenDoctors: Set<string>;

  /** @param doctorIds of the doctors with whom the patient has completed a visit at the clinic */
  constructor(
    private readonly rules: BookingRules,
    doctorIds: readonly string[],
  ) {
    this.seenDoctors = new Set(doctorIds);
  }

  /** The price of a visit with the doctor. */
  get(doctorId: string): VisitPrice {
    const isFollowUp =
      this.rules.row.firstVisitPer === 'DOCTOR' ? this.seenDoctors.has(doctorId) : this.seenDoctors.size > 0;
    return this.rules.price(doctorId, isFollowUp ? 'FOLLOW_UP' : 'FIRST');
  }

  /** The same for visits of a series, in their order: those after the first one are follow-ups. */
  next(doctorId: string): VisitPrice {
    const price = this.get(doctorId);
    this.seenDoctors.add(doctorId);
    return price;
  }
}

/**
 * A visit is a first one if the patient has completed no visit at the clinic yet, or none with this doctor (`firstVisitPer`), of any
 * service. Upcoming, cancelled and missed visits do not count. Reads the visits only if the price depends on them. Hand-written SQL: hot (in
 * every booking with such a price), and one row is read for each doctor instead of each visit.
 */
export async function readVisitPrices(db: Database, clientId: string, rules: BookingRules): Promise<VisitPrices> {
  if (!rules.hasVisitPrices) return new VisitPrices(rules, []);
  const rows = await db.rows<{ doctorId: string }>(
    `SELECT DISTINCT doctor_id AS "doctorId" FROM appointment
     WHERE client_id = $1 AND clinic_id = $2 AND status = 'COMPLETED'`,
    [clientId, rules.row.clinicId],
  );
  return new VisitPrices(
    rules,
    rows.map(({ doctorId }) => doctorId),
  );
}
