import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import type { Phases } from "@contracts";

import { item, ownQueue, show, type Answers } from "../page.fixture";
import Doctor from "./Doctor";

const DOCTOR = { role: "doctor", doctorId: 2 } as const;

/** What the server says of the patient with the doctor. */
function current(id: number): object {
  return {
    has_appointment: true,
    visit: { id, notes: "Came by wheelchair" },
    patient: { name: `Invented ${id}`, age: 34, gender: "female", medical_history: "Allergic to examples" },
    is_first_visit: false,
    visit_count: 3,
    previous_visits: [
      { id: 2, appointment_id: null, status: "completed", created_at: "2026-02-09T09:00:00+00:00", notes: "Rest, and tea" },
      { id: 1, appointment_id: 9, status: "completed", created_at: "2025-02-02T09:00:00+00:00", notes: null },
    ],
    previous_appointments: [{ id: 9, notes: "Came back for a check" }],
  };
}

/** The columns of a board on which these are expected. */
function expects(...ids: number[]): Phases {
  const appointments_today = ids.map((id) => ({
    id,
    patient_name: `Invented ${id}`,
    service_name: "Consultation",
    start_time: "2026-03-02T10:15:00+00:00",
    notes: "By telephone",
  }));
  return { appointments_today, waiting: [], with_doctor: [], completed: [] } as unknown as Phases;
}

function answers(...items: Parameters<typeof ownQueue>): Answers {
  const moved = { message: "done", visit: { id: 1 } };
  return {
    "GET /queue/doctor/2": ownQueue(...items),
    "GET /queue/phases/1": { phases: expects(40), date: "2026-03-02", clinic_id: 1 },
    "GET /appointments/current": current(20),
    "POST /queue/call": moved,
    "POST /queue/start": moved,
    "POST /queue/recall": moved,
    "POST /queue/requeue": moved,
    "POST /queue/complete": moved,
  };
}

test("the doctor sees who is there, with the history, and who is next", async () => {
  await show(Doctor, DOCTOR, answers(item(20, "in_progress"), item(21, "called"), item(22, "waiting")));
  const now = await screen.findByRole("region", { name: "With you now" });
  await within(now).findByText("Allergic to examples");
  within(now).getByText(/Female · 34 years · Consultation · Visit 3/);
  within(now).getByText("Came by wheelchair");
  const before = within(now).getAllByRole("listitem").map((one) => one.textContent);
  expect(before).toEqual(["9 February 2026Rest, and tea", "2 February 2025Came back for a check"]);
  const next = screen.getByRole("region", { name: "Your queue" });
  expect(within(next).getAllByRole("listitem").map((one) => one.textContent)).toEqual([
    expect.stringContaining("Invented 21"),
    expect.stringContaining("Invented 22"),
  ]);
});

test("the doctor sees who is still to come, as events say it", async () => {
  const { bridge } = await show(Doctor, DOCTOR, answers());
  const expected = await screen.findByRole("region", { name: /^Still expected today/ });
  const rows = () => within(expected).getAllByRole("listitem").map((one) => one.textContent);
  expect(rows()).toEqual(["10:15Invented 40Consultation · By telephone"]);
  const picture = { clinic_id: 1, date: "2026-03-02", doctor_id: 2 };
  bridge.say("phases_updated", { ...picture, phases: expects(41, 42) }, { seq: 101, rev: 5 });
  bridge.say("phases_updated", { ...picture, doctor_id: 3, phases: expects(43) }, { seq: 102, rev: 6 });
  await waitFor(() => expect(rows().map((row) => row?.slice(5, 16))).toEqual(["Invented 41", "Invented 42"]));
});

test("a picture from the bridge is shown without asking the server", async () => {
  const { bridge, asked } = await show(Doctor, DOCTOR, answers());
  await screen.findByText("Nobody is waiting");
  await waitFor(() => expect(asked.length).toBeGreaterThan(0));
  const before = asked.length;
  bridge.say("queue_updated", ownQueue(item(23, "waiting")), { seq: 101, rev: 5 });
  await screen.findByText("Invented 23");
  expect(asked).toHaveLength(before);
});

test("other doctors' patients do not appear", async () => {
  const { bridge } = await show(Doctor, DOCTOR, answers());
  bridge.say("queue_updated", { ...ownQueue(item(30, "waiting")), doctor_id: 3 }, { seq: 101, rev: 5 });
  bridge.say("queue_updated", { ...ownQueue(item(31, "waiting")), doctor_id: undefined }, { seq: 102, rev: 5 });
  bridge.say("queue_updated", ownQueue(item(32, "waiting")), { seq: 103, rev: 6 });
  await screen.findByText("Invented 32");
  expect(screen.queryByText("Invented 30")).toBeNull();
  expect(screen.queryByText("Invented 31")).toBeNull();
  expect(bridge.joins).toEqual([{ doctor_id: 2 }]);
});

test("every button asks its route, with the version that was seen and a key", async () => {
  const { asked } = await show(Doctor, DOCTOR, answers(item(21, "called", { version: 4 }), item(22, "waiting")));
  for (const name of ["Call next", "Start: Invented 21", "Call again: Invented 21", "Back to waiting: Invented 21", "Call: Invented 22"]) {
    const button = await screen.findByRole("button", { name });
    await waitFor(() => expect(button).toHaveProperty("disabled", false));
    await userEvent.click(button);
  }
  await waitFor(() => expect(asked.filter(({ request }) => request.startsWith("POST"))).toHaveLength(5));
  const posts = asked.filter(({ request }) => request.startsWith("POST"));
  expect(posts.map(({ request, body, version }) => [request, body, version])).toEqual([
    ["POST /queue/call", { clinic_id: 1, doctor_id: 2 }, undefined],
    ["POST /queue/start", { visit_id: 21 }, '"4"'],
    ["POST /queue/recall", { visit_id: 21 }, '"4"'],
    ["POST /queue/requeue", { visit_id: 21 }, '"4"'],
    ["POST /queue/call", { visit_id: 22 }, '"1"'],
  ]);
  expect(new Set(posts.map(({ key }) => key)).size).toBe(5);
});

test("a visit is completed with its notes", async () => {
  const { asked } = await show(Doctor, DOCTOR, answers(item(20, "in_progress", { version: 5 })));
  await userEvent.type(await screen.findByLabelText("Notes of this visit"), "All is well");
  await userEvent.click(screen.getByRole("button", { name: "Complete visit" }));
  await waitFor(() =>
    expect(asked).toContainEqual(
      expect.objectContaining({
        request: "POST /queue/complete",
        body: { visit_id: 20, notes: "All is well" },
        version: '"5"',
      }),
    ),
  );
});

test("nobody else can be started while somebody is with the doctor", async () => {
  await show(Doctor, DOCTOR, answers(item(20, "in_progress"), item(21, "called")));
  expect(await screen.findByRole("button", { name: "Start: Invented 21" })).toHaveProperty("disabled", true);
});

test("what is refused is said, and the notes stay", async () => {
  const given = answers(item(20, "in_progress"));
  given["POST /queue/complete"] = 409;
  await show(Doctor, DOCTOR, given);
  await userEvent.type(await screen.findByLabelText("Notes of this visit"), "All is well");
  await userEvent.click(screen.getByRole("button", { name: "Complete visit" }));
  await screen.findByText("refused with 409");
  expect(screen.getByLabelText("Notes of this visit")).toHaveProperty("value", "All is well");
});

test("the page goes to the patient who comes in", async () => {
  const scrolled = vi.fn();
  Element.prototype.scrollIntoView = scrolled;
  const { bridge } = await show(Doctor, DOCTOR, answers());
  await screen.findByText("Nobody is with you");
  bridge.say("queue_updated", ownQueue(item(20, "in_progress")), { seq: 101, rev: 5 });
  bridge.say("current_appointment_available", { doctor_id: 2, visit_id: 20, navigate: true }, { seq: 102 });
  await screen.findByText("Allergic to examples");
  await waitFor(() => expect(scrolled).toHaveBeenCalled());
  expect(document.activeElement).toBe(screen.getByRole("region", { name: "With you now" }));
});
