import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import { item, queue, show, type Answers } from "../page.fixture";
import Cashier from "./Cashier";
import { minor, wrongWith } from "./money";

/** Payments from here on concern other days. */
const OTHER_DAYS = 90;

const CASHIER = { role: "cashier" } as const;

function payment(id: number, more: object = {}) {
  return {
    id,
    visit_id: id,
    patient_id: 1,
    total_amount: 200,
    amount_paid: 0,
    discount_amount: 0,
    remaining_amount: 200,
    payment_method: null,
    status: "pending",
    paid_at: null,
    created_at: "2026-03-02T09:00:00+00:00",
    visit: { id, patient: { name: `Invented ${id}`, phone: `+000${id}` }, doctor: null, clinic: null, service: null },
    ...more,
  };
}

function answers(...payments: ReturnType<typeof payment>[]): Answers {
  return {
    "GET /queue/clinic/1": queue(item(20, "waiting"), item(21, "completed")),
    "GET /queue/phases/1": {
      phases: { appointments_today: [], waiting: [], with_doctor: [], completed: [] },
      date: "2026-03-02",
      clinic_id: 1,
    },
    "GET /dashboard/stats": { visits: { pending_payment: 1 }, payments: { total: 9, paid: 5, revenue: 1000 } },
    "GET /payments": (query) => {
      const ofToday = (id: number) => query.get("day") === "2026-03-02" && id < OTHER_DAYS;
      const found = payments.filter(
        ({ status, id }) => status === query.get("status") && (ofToday(id) || !query.has("day")),
      );
      return { payments: found, pages: 1, total: found.length };
    },
    "GET /payments/statistics": (query) => ({
      by_status: { pending: 1, partially_paid: 0, paid: 7, refunded: 1 },
      totals: query.get("day") === "2026-03-02" ? { taken: 1234.5, pending_amount: 400 } : { taken: 99_999, pending_amount: 99_999 },
    }),
  };
}

test("who is about to leave is first, and other days' are shown when asked for", async () => {
  await show(Cashier, CASHIER, answers(payment(20), payment(21), payment(99)));
  const names = () => screen.getAllByRole("listitem").map((row) => within(row).getByText(/Invented/).textContent);
  await waitFor(() => expect(names()).toEqual(["Invented 21", "Invented 20"]));
  await userEvent.click(screen.getByRole("checkbox", { name: "Other days too" }));
  await waitFor(() => expect(names()).toEqual(["Invented 21", "Invented 20", "Invented 99"]));
  await userEvent.type(screen.getByRole("searchbox"), "99");
  expect(names()).toEqual(["Invented 99"]);
});

test("today's sums are of the money that changed hands today", async () => {
  await show(Cashier, CASHIER, answers());
  const sums = await screen.findByLabelText("Today's sums");
  await within(sums).findByText("1,234.50");
  const of = (label: string) => within(sums).getByText(label).nextElementSibling?.textContent;
  expect([of("Taken today"), of("To be paid today"), of("Paid")]).toEqual(["1,234.50", "400.00", "7"]);
});

test("all of today's payments are fetched, however many; of other days the newest", async () => {
  const given = answers();
  given["GET /payments"] = (query) => ({
    payments: query.get("status") === "pending" ? [payment(Number(query.get("page")))] : [],
    pages: query.get("status") === "pending" ? 6 : 0,
  });
  await show(Cashier, CASHIER, given);
  await waitFor(() => expect(screen.getAllByRole("listitem")).toHaveLength(6));
  await userEvent.click(screen.getByRole("checkbox", { name: "Other days too" }));
  await screen.findByText("There are more than are shown here; look for a name.");
  expect(screen.getAllByRole("listitem")).toHaveLength(4);
});

test("what was paid in part is among what came in", async () => {
  const part = payment(21, { status: "partially_paid", amount_paid: 50, remaining_amount: 150, payment_method: "cash" });
  await show(Cashier, CASHIER, answers(part, payment(20)));
  await userEvent.click(screen.getByRole("radio", { name: "Paid and refunded" }));
  const [row] = await screen.findAllByRole("listitem");
  expect(row?.textContent).toContain("50.00Cash");
  expect(screen.queryByText("Invented 20")).toBeNull();
});

test("money is taken in part, with a method and a discount, and its receipt is shown", async () => {
  const { asked, answers: given } = await show(Cashier, CASHIER, answers(payment(21)));
  const taken = payment(21, { status: "partially_paid", amount_paid: 100, discount_amount: 20, remaining_amount: 80 });
  given["PUT /payments/21/process"] = { message: "done", payment: taken };
  given["GET /payments/invoice/21"] = {
    invoice: { invoice_number: "INV-21", date: "2026-03-02T09:00:00+00:00", patient: { name: "Invented 21" }, payment: taken },
  };
  await userEvent.click(await screen.findByRole("button", { name: "Take payment from Invented 21" }));
  const amount = screen.getByLabelText("Amount received");
  expect(amount).toHaveProperty("value", "200.00");
  await userEvent.clear(amount);
  await userEvent.type(amount, "100{Tab}");
  await userEvent.clear(screen.getByLabelText("Discount"));
  await userEvent.type(screen.getByLabelText("Discount"), "20{Tab}");
  await userEvent.click(screen.getByRole("radio", { name: "Card" }));
  screen.getByText("80.00");
  await userEvent.click(screen.getByRole("button", { name: "Take payment" }));
  await screen.findByText("INV-21");
  const put = asked.find(({ request }) => request === "PUT /payments/21/process");
  expect(put?.body).toEqual({ amount_paid: 100, discount_amount: 20, payment_method: "visa" });
  expect(put?.key).toBeTruthy();
});

test("more than what remains cannot be taken, and what was put right can at once", async () => {
  const given = answers(payment(21));
  given["PUT /payments/21/process"] = 409;
  const { asked } = await show(Cashier, CASHIER, given);
  await userEvent.click(await screen.findByRole("button", { name: "Take payment from Invented 21" }));
  const amount = screen.getByLabelText("Amount received");
  await userEvent.clear(amount);
  await userEvent.type(amount, "200.01{Tab}");
  screen.getByText("Together this is more than what is to be paid");
  const puts = () => asked.filter(({ request }) => request.startsWith("PUT"));
  await userEvent.click(screen.getByRole("button", { name: "Take payment" }));
  expect(puts()).toEqual([]);
  await userEvent.clear(amount);
  await userEvent.type(amount, "50");
  await userEvent.click(screen.getByRole("button", { name: "Take payment" }));
  await waitFor(() => expect(puts()).toHaveLength(1));
  expect(puts()[0]?.body).toMatchObject({ amount_paid: 50 });
});

test("a refund is asked about first, and given once", async () => {
  const paid = payment(21, { status: "paid", amount_paid: 200, remaining_amount: 0, payment_method: "cash" });
  const given = answers(paid);
  given["POST /payments/refund/21"] = { message: "done", payment: { ...paid, status: "refunded" } };
  const { asked } = await show(Cashier, CASHIER, given);
  await userEvent.click(screen.getByRole("radio", { name: "Paid and refunded" }));
  await userEvent.click(await screen.findByRole("button", { name: "Refund to Invented 21" }));
  expect(asked.some(({ request }) => request.startsWith("POST"))).toBe(false);
  await userEvent.click(await screen.findByRole("button", { name: "Refund" }));
  await screen.findByText("200.00 refunded to Invented 21");
  expect(asked.filter(({ request }) => request === "POST /payments/refund/21")).toHaveLength(1);
});

test("what is refused is said, and the window stays", async () => {
  const given = answers(payment(21));
  given["PUT /payments/21/process"] = 409;
  await show(Cashier, CASHIER, given);
  await userEvent.click(await screen.findByRole("button", { name: "Take payment from Invented 21" }));
  await userEvent.click(screen.getByRole("button", { name: "Take payment" }));
  await screen.findByText("refused with 409");
  screen.getByLabelText("Amount received");
});

test("a payment that comes in elsewhere is seen here", async () => {
  const { bridge, answers: given } = await show(Cashier, CASHIER, answers(payment(21)));
  await screen.findByText("Invented 21");
  given["GET /payments"] = { payments: [], pages: 0, total: 0 };
  bridge.say("payment_processed", { payment: payment(21), visit: {} }, { seq: 101 });
  await screen.findByText("Nobody has to pay right now");
});

test("what is paid elsewhere is seen before anything is fetched", async () => {
  const { bridge, answers: given } = await show(Cashier, CASHIER, answers(payment(20), payment(21)));
  await screen.findByText("Invented 21");
  given["GET /payments"] = () => new Promise(() => undefined);
  const part = payment(20, { status: "partially_paid", amount_paid: 50, remaining_amount: 150 });
  bridge.say("payment_processed", { payment: part, visit: {} }, { seq: 101 });
  await screen.findByText("Paid 50.00");
  const whole = payment(21, { status: "paid", amount_paid: 200, remaining_amount: 0 });
  bridge.say("payment_processed", { payment: whole, visit: {} }, { seq: 102 });
  await waitFor(() => expect(screen.queryByText("Invented 21")).toBeNull());
});

test("amounts are whole minor units inside", () => {
  expect([0.1 + 0.2, 19.99, 1.005, 200].map(minor)).toEqual([30, 1999, 100, 20000]);
  expect(wrongWith(20000, 15000, 5001)).toBe("tooMuch");
  expect(wrongWith(20000, 0, 5000)).toBe("nothing");
  expect(wrongWith(20000, 0, 20000)).toBeUndefined();
  expect(wrongWith(20000, 15000, 5000)).toBeUndefined();
});
