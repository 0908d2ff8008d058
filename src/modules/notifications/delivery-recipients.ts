import { Injectable } from '@nestjs/common';
import { GuardianAccess } from '../clients/index.js';
import type { Delivery } from './deliveries.repository.js';

/** Decides whether the recipient of a message may still get it. */
@Injectable()
export class DeliveryRecipients {
  constructor(private readonly guardians: GuardianAccess) {}

  /**
   * Whether the recipient of a message about an offer, a referral or a refund is the patient, or a guardian who may act for them now: a
   * message can wait for quiet hours and providers, and a guardian may change meanwhile. `deliverability` checks those about appointments.
   */
  async mayReceive({
    userId,
    patientId,
    patientUserId,
  }: Pick<Delivery, 'userId' | 'patientId' | 'patientUserId'>): Promise<boolean> {
    if (patientId === null || userId === patientUserId) return true;
    const guardians = await this.guardians.findGuardianUsers([patientId]);
    return guardians.get(patientId)?.includes(userId) ?? false;
  }
}
