import { Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** A service that a doctor offers. */
@Index('service_doctor_doctor', ['doctorId'])
@Entity('service_doctor')
export class ServiceDoctor {
  @ForeignKey('service')
  @PrimaryColumn('uuid')
  serviceId: string;

  @ForeignKey('doctor')
  @PrimaryColumn('uuid')
  doctorId: string;
}
