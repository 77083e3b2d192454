import { queryOptions } from "@tanstack/react-query";

import type {
  Clinic,
  Doctor,
  PatientCard,
  Payment as PaymentFields,
  PaymentStatus,
  Service,
  Visit,
} from "@contracts";

import { today } from "../api/queries";
import type { Api } from "../api/request";

/** A payment, and whom and what it concerns. */
export interface Payment extends PaymentFields {
  visit: {
    id: number;
    patient: PatientCard | null;
    doctor: Doctor | null;
    clinic: Clinic | null;
    service: Service | null;
  };
}

export interface Invoice {
  invoice_number: string;
  date: string;
  patient: PatientCard | null;
  doctor: Doctor | null;
  clinic: Clinic | null;
  service: Service | null;
  payment: PaymentFields;
  visit: Visit;
}

export interface Payments {
  payments: readonly Payment[];
  /** Whether there are others that were not fetched. */
  more: boolean;
}

interface Page {
  payments: Payment[];
  pages: number;
}

/** As many as a page may have, and as many pages as are fetched. */
const [PER_PAGE, PAGES] = [100, 4];

export const paymentsKey = (clinic: number) => [...today(clinic), "payments"] as const;

/**
 * A clinic's payments in these states, newest first: of a day (of its visits, and those for which money changed
 * hands on it), or of all days.
 */
export const paymentsQuery = (api: Api, clinic: number, statuses: readonly PaymentStatus[], day: string | undefined) =>
  queryOptions({
    queryKey: [...paymentsKey(clinic), day, ...statuses],
    queryFn: async ({ signal }): Promise<Payments> => {
      const lists = await Promise.all(statuses.map((status) => allOf(api, { clinic_id: clinic, day, status }, signal)));
      return { payments: lists.flatMap(({ payments }) => payments), more: lists.some(({ more }) => more) };
    },
  });

async function allOf(
  api: Api,
  wanted: { clinic_id: number; day: string | undefined; status: PaymentStatus },
  signal: AbortSignal,
): Promise<Payments> {
  const payments: Payment[] = [];
  for (let page = 1; ; page += 1) {
    const query = { ...wanted, page, per_page: PER_PAGE };
    const answer = await api.get<Page>("/payments", { query, signal });
    payments.push(...answer.payments);
    // A day has an end; of all days those are fetched that somebody may still look for.
    if (page >= answer.pages || (wanted.day === undefined && page === PAGES)) {
      return { payments, more: page < answer.pages };
    }
  }
}

/** A list of payments in these states, after money came in for one of them. */
export function afterPayment(list: Payments, statuses: readonly unknown[], paid: PaymentFields): Payments {
  const payments = list.payments.flatMap((one) => {
    // What was fetched meanwhile may know of more than an event from before.
    if (one.id !== paid.id || one.remaining_amount <= paid.remaining_amount) {
      return [one];
    }
    return statuses.includes(paid.status) ? [{ ...one, ...paid }] : [];
  });
  return { ...list, payments };
}

/** What a day's payments come to. */
export interface Sums {
  by_status: Record<PaymentStatus, number>;
  totals: { taken: number; pending_amount: number };
}

export const sumsQuery = (api: Api, clinic: number, day: string | undefined) =>
  queryOptions({
    queryKey: [...today(clinic), "sums", day],
    queryFn: ({ signal }) => api.get<Sums>("/payments/statistics", { query: { clinic_id: clinic, day }, signal }),
    enabled: day !== undefined,
  });

export const invoiceQuery = (api: Api, clinic: number, visit: number) =>
  queryOptions({
    queryKey: [...today(clinic), "invoice", visit],
    queryFn: ({ signal }) => api.get<{ invoice: Invoice }>(`/payments/invoice/${visit}`, { signal }),
    select: ({ invoice }) => invoice,
  });
