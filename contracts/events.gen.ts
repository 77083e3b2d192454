// Written by `python -m contracts write` from the contracts; change those instead.

/** A booked slot and what it concerns; `payment` is null in events, which a whole clinic sees. */
export interface Appointment {
  readonly id: number;
  readonly booking_id: string;
  readonly clinic_id: number;
  readonly doctor_id: number;
  readonly patient_id: number;
  readonly service_id: number;
  readonly start_time: string;
  readonly end_time: string;
  readonly status: AppointmentStatus;
  readonly booking_source: BookingSource;
  readonly notes: string | null;
  readonly created_by: string | null;
  readonly created_at: string;
  readonly patient: PatientCard | null;
  readonly doctor: Doctor | null;
  readonly clinic: Clinic | null;
  readonly service: Service | null;
  readonly visit: Visit | null;
  readonly payment: Payment | null;
}

/** An appointment was cancelled by the desk; its slot is free again. */
export interface AppointmentCancelled {
  readonly appointment: Appointment;
  readonly clinic_id: number;
  readonly doctor_id: number;
}

/** The consultation that an appointment was for has ended. */
export interface AppointmentCompleted {
  readonly appointment: Appointment;
  readonly clinic_id: number;
  readonly doctor_id: number;
  readonly visit: Visit;
}

/** A slot is booked; `visit` is the planned visit, whose id is already its own. */
export interface AppointmentCreated {
  readonly appointment: Appointment;
  readonly visit: Visit;
  readonly clinic_id: number;
  readonly doctor_id: number;
}

/** Where an appointment stands; it follows its visit. */
export type AppointmentStatus = "confirmed" | "checked_in" | "completed" | "cancelled" | "no_show";

/** An appointment is other than it was: its slot, its doctor, its notes or its status. */
export interface AppointmentUpdated {
  readonly appointment: Appointment;
  readonly clinic_id: number;
  readonly doctor_id: number;
}

/**
 * One line of the waiting-room screen: a number, where to go, and nothing about the person.
 *
 * `called_time` is another one when a called ticket is called again; null for who is not called.
 */
export interface BoardTicket {
  readonly queue_number: number;
  readonly room_number: string | null;
  readonly status: "waiting" | "called" | "in_progress";
  readonly called_time: string | null;
}

/** What the waiting-room screen shows: tickets, a room and a status; nothing about a person. */
export interface BoardUpdated {
  readonly clinic_id: number;
  readonly waiting: readonly BoardTicket[];
  readonly called: readonly BoardTicket[];
  readonly in_progress: readonly BoardTicket[];
}

/** Where a booking came from. */
export type BookingSource = "phone" | "walk_in" | "online" | "system";

/** Whether what a screen sees is what is so now, or `lag_ms` milliseconds old and more. */
export interface BridgeStatus {
  readonly state: "live" | "catching_up";
  readonly lag_ms: number;
}

/** A clinic: one queue, one waiting room, one time zone. */
export interface Clinic {
  readonly id: number;
  readonly name: string;
  readonly room_number: string | null;
  readonly is_active: boolean;
  readonly time_zone: string;
}

/** A clinic was made or changed; a closed one is not active. */
export interface ClinicChanged {
  readonly clinic: Clinic;
  readonly clinic_id: number;
}

/**
 * The connection is open; with a cursor also where the stream stands.
 *
 * `recovered` says whether what the staff and the desk missed follows.
 */
export interface Connected {
  readonly message: string;
  readonly epoch?: string | null;
  readonly seq?: number | null;
  readonly recovered?: boolean | null;
}

/**
 * The handshake's `auth`; `since` and `epoch` say where the stream stood when the connection was lost.
 *
 * A token may come in the query instead (`?token=`).
 */
export interface Credentials {
  readonly token?: string | null;
  readonly cursor?: boolean;
  readonly since?: number | null;
  readonly epoch?: string | null;
}

/** A patient is with the doctor: the doctor's page opens that visit. */
export interface CurrentAppointmentAvailable {
  readonly visit_id: number;
  readonly appointment_id: number | null;
  readonly doctor_id: number;
  readonly doctor_user_id: number | null;
  readonly clinic_id: number;
  readonly visit: Visit;
  readonly navigate: true;
}

/** A doctor of one clinic; `share_percentage` (0 to 1) is the doctor's part of a payment. */
export interface Doctor {
  readonly id: number;
  readonly user_id: number | null;
  readonly name: string;
  readonly specialty: string | null;
  readonly working_days: readonly Weekday[];
  readonly working_hours: WorkingHours;
  readonly clinic_id: number;
  readonly share_percentage: number;
  readonly is_active: boolean;
}

/** A doctor was made or changed; one who left is not active. */
export interface DoctorChanged {
  readonly doctor: Doctor;
  readonly clinic_id: number;
}

/** A doctor's part of the reception's board. */
export interface DoctorPhasesUpdated {
  readonly phases: Phases;
  readonly clinic_id: number;
  readonly date: string;
  readonly doctor_id: number;
}

/** A doctor's part of the clinic's queue, in the same shape. */
export interface DoctorQueueUpdated {
  readonly clinic_id: number;
  readonly doctor_id: number;
  readonly waiting: readonly QueueItem[];
  readonly called: readonly QueueItem[];
  readonly in_progress: readonly QueueItem[];
  readonly completed: readonly QueueItem[];
  readonly total: number;
}

/** Asks for a clinic's events, and for those missed after `since` of that epoch. */
export interface EnterClinic {
  readonly clinic_id: number;
  readonly token?: string | null;
  readonly since?: number | null;
  readonly epoch?: string | null;
}

/** Asks for a doctor's events, and for those missed after `since` of that epoch. */
export interface EnterDoctor {
  readonly doctor_id: number;
  readonly token?: string | null;
  readonly since?: number | null;
  readonly epoch?: string | null;
}

/** The acknowledgement of a join: where the stream stood, and whether everything missed follows. */
export interface Entered {
  readonly ok: true;
  readonly epoch: string;
  readonly seq: number;
  readonly recovered: boolean;
}

/** The token counts for a minute more: send `auth_refresh` with a new one, or the connection ends. */
export interface Expiring {
  readonly expires_at: string;
}

/** A patient's gender as recorded. */
export type Gender = "male" | "female";

/** Asks for no more of a clinic's events. */
export interface LeaveClinic {
  readonly clinic_id: number;
}

/** Asks for no more of a doctor's events. */
export interface LeaveDoctor {
  readonly doctor_id: number;
}

/** The acknowledgement of a leave. */
export interface Left {
  readonly ok: true;
}

/** A patient with an appointment has arrived. */
export interface NewCheckin {
  readonly visit: Visit;
  readonly patient: PatientCard;
  readonly clinic_id: number;
  readonly doctor_id: number;
}

/** The acknowledgement of a request that was refused; an `error` says the same. */
export interface NotEntered {
  readonly ok: false;
  readonly message: string;
}

/** A patient as others may know them: everything but the medical history. */
export interface PatientCard {
  readonly id: number;
  readonly name: string;
  readonly phone: string;
  readonly address: string | null;
  readonly age: number | null;
  readonly gender: Gender | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly clinic_id: number | null;
  readonly doctor_id: number | null;
}

/** A patient was registered. */
export interface PatientCreated {
  readonly patient: PatientCard;
}

/** A patient was deleted; replicas forget the card. */
export interface PatientDeleted {
  readonly patient_id: number;
}

/** A patient's card is other than it was. */
export interface PatientUpdated {
  readonly patient: PatientCard;
}

/** What a visit costs and what of it is paid. */
export interface Payment {
  readonly id: number;
  readonly visit_id: number;
  readonly patient_id: number;
  readonly total_amount: number;
  readonly amount_paid: number;
  readonly discount_amount: number;
  readonly remaining_amount: number;
  readonly payment_method: PaymentMethod | null;
  readonly status: PaymentStatus;
  readonly doctor_share: number;
  readonly center_share: number;
  readonly paid_at: string | null;
  readonly created_at: string;
}

/** How money changed hands. */
export type PaymentMethod = "cash" | "visa" | "bank_transfer";

/** Money came in, for the whole of a visit or a part of it. */
export interface PaymentProcessed {
  readonly payment: Payment;
  readonly visit: Visit;
}

/** A payment was made, part-paid, paid, refunded or voided; `void` ones are neither listed nor counted. */
export interface PaymentRecorded {
  readonly payment: Payment;
  readonly void: boolean;
  readonly clinic_id: number;
  readonly doctor_id: number;
}

/** How much of a payment is in. */
export type PaymentStatus = "pending" | "partially_paid" | "paid" | "refunded";

/** A column of the reception's board. */
export type Phase = "appointments_today" | "waiting" | "with_doctor" | "completed";

/** One card of the reception's board; `id` is the appointment's, or a walk-in's visit id. */
export interface PhaseItem {
  readonly id: number;
  readonly booking_id: string | null;
  readonly patient_name: string;
  readonly patient_phone: string;
  readonly doctor_name: string;
  readonly clinic_name: string;
  readonly service_name: string;
  readonly start_time: string | null;
  readonly end_time: string | null;
  readonly notes: string | null;
  readonly visit_status: VisitStatus;
  readonly queue_phase: Phase;
  readonly visit_id: number | null;
  readonly payment_id: number | null;
  readonly version: number;
}

/** The four columns of the reception's board. */
export interface Phases {
  readonly appointments_today: readonly PhaseItem[];
  readonly waiting: readonly PhaseItem[];
  readonly with_doctor: readonly PhaseItem[];
  readonly completed: readonly PhaseItem[];
}

/** The reception's board of a clinic as it is now. */
export interface PhasesUpdated {
  readonly phases: Phases;
  readonly clinic_id: number;
  readonly date: string;
}

/** One line of a queue. */
export interface QueueItem {
  readonly id: number;
  readonly queue_number: number | null;
  readonly patient_name: string;
  readonly patient_phone: string;
  readonly doctor_name: string;
  readonly service_name: string;
  readonly visit_type: VisitType;
  readonly check_in_time: string | null;
  readonly start_time: string | null;
  readonly end_time: string | null;
  readonly status: VisitStatus;
  readonly version: number;
}

/** A waiting visit has another place; `new_position` 1 is the first. */
export interface QueueReordered {
  readonly visit_id: number;
  readonly new_position: number;
  readonly clinic_id: number;
}

/**
 * A clinic's queue as it is now: active visits whole, of the completed the newest.
 *
 * `total` counts all of the day's visits but cancelled and no-show.
 */
export interface QueueUpdated {
  readonly clinic_id: number;
  readonly waiting: readonly QueueItem[];
  readonly called: readonly QueueItem[];
  readonly in_progress: readonly QueueItem[];
  readonly completed: readonly QueueItem[];
  readonly total: number;
}

/** Something asked for is refused; the message says what to do. */
export interface Refused {
  readonly message: string;
}

/** Puts a new token of the same subject in the place of the one that the connection was opened with. */
export interface Renew {
  readonly token: string;
}

/** The acknowledgement of a new token: until when it counts, and the rooms it is not let into any more. */
export interface Renewed {
  readonly ok: true;
  readonly expires_at: string;
  readonly left: readonly string[];
}

/** What a clinic offers: `duration` in minutes, at a price. */
export interface Service {
  readonly id: number;
  readonly clinic_id: number;
  readonly name: string;
  readonly duration: number;
  readonly price: number;
  readonly is_active: boolean;
}

/** A service was made or changed; one no longer offered is not active. */
export interface ServiceChanged {
  readonly service: Service;
  readonly clinic_id: number;
}

/**
 * The second argument of an event, for screens that connect with `cursor: true`.
 *
 * `seq` is the event's place in the stream, `rev` its clinic's revision, `at` when it was made, `id` its
 * own; what there is none of is left out.
 */
export interface Stamp {
  readonly seq: number;
  readonly rev?: number | null;
  readonly at?: string | null;
  readonly id?: string | null;
}

/**
 * A token (`jti`) or all tokens of a subject (`sub`) issued until `revoked_at` are refused from now on.
 *
 * Kept until `expires_at`, when the last token it concerns has expired by itself.
 */
export interface TokenRevoked {
  readonly revocation_id: number;
  readonly jti: string | null;
  readonly sub: string | null;
  readonly revoked_at: string;
  readonly expires_at: string;
}

/** A patient's way through one day's queue; `queue_number` is the ticket, null until check-in. */
export interface Visit {
  readonly id: number;
  readonly appointment_id: number | null;
  readonly doctor_id: number;
  readonly patient_id: number;
  readonly service_id: number;
  readonly clinic_id: number;
  readonly check_in_time: string | null;
  readonly start_time: string | null;
  readonly end_time: string | null;
  readonly called_time: string | null;
  readonly status: VisitStatus;
  readonly visit_type: VisitType;
  readonly queue_number: number | null;
  readonly position: number | null;
  readonly created_at: string;
  readonly version: number;
}

/** A visit will not take place: cancelled, or skipped as a no-show. */
export interface VisitCancelled {
  readonly visit_id: number;
  readonly reason: string | null;
  readonly clinic_id: number;
}

/** Where a visit stands. */
export type VisitStatus = "scheduled" | "waiting" | "called" | "in_progress" | "completed" | "cancelled" | "no_show";

/** A visit's status is another one, whichever route changed it. */
export interface VisitStatusChanged {
  readonly visit: Visit;
  readonly clinic_id: number;
  readonly doctor_id: number;
}

/** How a patient came to the queue. */
export type VisitType = "scheduled" | "walk_in";

/** A patient without an appointment has joined the queue. */
export interface WalkinAdded {
  readonly visit: Visit;
  readonly clinic_id: number;
}

/** A day on which a doctor works. */
export type Weekday = "Monday" | "Tuesday" | "Wednesday" | "Thursday" | "Friday" | "Saturday" | "Sunday";

/** When a doctor's day starts and ends, in the clinic's own time. */
export interface WorkingHours {
  readonly start: string;
  readonly end: string;
}

/** What happens in a clinic and a screen hears of, by name. */
export interface Events {
  queue_updated: QueueUpdated | DoctorQueueUpdated;
  board_updated: BoardUpdated;
  new_checkin: NewCheckin;
  visit_status_changed: VisitStatusChanged;
  walkin_added: WalkinAdded;
  visit_cancelled: VisitCancelled;
  queue_reordered: QueueReordered;
  phases_updated: PhasesUpdated | DoctorPhasesUpdated;
  current_appointment_available: CurrentAppointmentAvailable;
  appointment_created: AppointmentCreated;
  appointment_updated: AppointmentUpdated;
  appointment_cancelled: AppointmentCancelled;
  appointment_completed: AppointmentCompleted;
  patient_created: PatientCreated;
  patient_updated: PatientUpdated;
  payment_processed: PaymentProcessed;
}

/** The name of something that happens. */
export type EventName = keyof Events;

/** What a screen hears, by name. */
export interface ServerEvents extends Events {
  connected: Connected;
  error: Refused;
  auth_expiring: Expiring;
  bridge_status: BridgeStatus;
}

/** What a screen may say, by name. */
export interface ClientEvents {
  join_queue_room: EnterClinic;
  join_doctor_room: EnterDoctor;
  join_board_room: EnterClinic;
  leave_queue_room: LeaveClinic;
  leave_doctor_room: LeaveDoctor;
  leave_board_room: LeaveClinic;
  auth_refresh: Renew;
}

/** How what a screen said is acknowledged, by name. */
export interface Answers {
  join_queue_room: Entered | NotEntered;
  join_doctor_room: Entered | NotEntered;
  join_board_room: Entered | NotEntered;
  leave_queue_room: Left | NotEntered;
  leave_doctor_room: Left | NotEntered;
  leave_board_room: Left | NotEntered;
  auth_refresh: Renewed | NotEntered;
}
