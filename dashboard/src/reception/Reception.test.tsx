import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test, vi } from "vitest";

import { Reply, type Asked } from "../page.fixture";
import { aPhaseItem, aQueueItem, aVisit, phases, queueOf } from "./day.fixture";
import { cardOf, House, later, moved, namesIn, number } from "./house.fixture";

const [A, B, C] = ["Patient A Example", "Patient B Example", "Patient C Example"];

let user: ReturnType<typeof userEvent.setup>;

beforeEach(() => {
  user = userEvent.setup();
});

/** What the page has asked the clinic to do, once it has. */
async function asked(house: House): Promise<Asked[]> {
  await waitFor(() => expect(house.commands).not.toEqual([]));
  return house.commands;
}

const press = (name: string, button: string) =>
  user.click(within(cardOf(name)).getByRole("button", { name: button }));

describe("a move", () => {
  test("shows at once, before the server has answered", async () => {
    const house = new House(queueOf({ waiting: [1, 2] }));
    house.onCommand = () => later().promise;
    await house.show();
    await press(A, "Call");
    expect(cardOf(A).dataset["status"]).toBe("called");
    expect(cardOf(A).dataset["moving"]).toBe("true");
  });

  test("says which version it is of, and has a key of its own", async () => {
    const house = new House(queueOf({ waiting: [1] }, 7));
    house.onCommand = () => moved(aVisit(1, "called", 8));
    await house.show();
    await press(A, "Call");
    const [command] = await asked(house);
    expect(command).toMatchObject({ request: "POST /queue/call", body: { visit_id: 1 }, version: '"7"' });
    expect(command?.key).toMatch(/.{16}/);
  });

  test.each([
    [409, "This patient has left"],
    [412, "Somebody changed this visit; look again"],
  ])("refused with %i goes back and says why, and what is true now", async (status, message) => {
    const house = new House(queueOf({ waiting: [1, 2] }));
    const answer = later();
    house.onCommand = () => answer.promise;
    await house.show();
    await press(A, "Call");
    expect(cardOf(A).dataset["status"]).toBe("called");
    house.queue = queueOf({ in_progress: [1], waiting: [2] }, 3);
    house.revision += 1;
    answer.answer(new Reply({ message, visit: aVisit(1, "in_progress", 3) }, { status }));
    expect(await screen.findByText(new RegExp(`${message}.*Now: with the doctor`))).toBeDefined();
    await waitFor(() => expect(namesIn("With doctor")).toEqual([A]));
    expect(namesIn("Waiting")).toEqual([B]);
  });

  test("is not undone on the screen by a picture from before it", async () => {
    const house = new House(queueOf({ waiting: [1, 2] }));
    house.onCommand = () => moved(aVisit(1, "called", 2));
    await house.show();
    await press(A, "Call");
    await waitFor(() => expect(cardOf(A).dataset["moving"]).toBeUndefined());
    await house.now(queueOf({ waiting: [1, 2] }));
    expect(cardOf(A).dataset["status"]).toBe("called");
    await house.now({ ...queueOf({ waiting: [2] }), in_progress: [aQueueItem(1, { status: "in_progress", version: 3 })] });
    await waitFor(() => expect(namesIn("With doctor")).toEqual([A]));
  });

  test("of the line asks for the place, and shows it", async () => {
    const house = new House(queueOf({ waiting: [1, 2, 3] }));
    house.onCommand = () => later().promise;
    await house.show();
    await press(C, `More for ${C}`);
    await user.click(await screen.findByRole("menuitem", { name: "First in the line" }));
    expect(namesIn("Waiting")).toEqual([C, A, B]);
    const [command] = await asked(house);
    expect(command).toMatchObject({ request: "PUT /queue/reorder", body: { visit_id: 3, new_position: 1 } });
  });

  test("checks in by the appointment", async () => {
    const house = new House(queueOf({}));
    house.phases = phases({ appointments_today: [aPhaseItem(1)] });
    house.onCommand = () => later().promise;
    await house.show();
    await press(A, "Check in");
    expect(namesIn("Waiting")).toEqual([A]);
    const [command] = await asked(house);
    expect(command).toMatchObject({ request: "POST /queue/checkin", body: { appointment_id: 101 } });
  });

  test("that cancels asks for the reason first, and sends it", async () => {
    const house = new House(queueOf({ waiting: [1] }));
    house.onCommand = () => moved(aVisit(1, "cancelled", 2));
    await house.show();
    await press(A, `More for ${A}`);
    await user.click(await screen.findByRole("menuitem", { name: "Cancel the visit" }));
    expect(house.commands).toEqual([]);
    await user.type(await screen.findByLabelText("Reason"), "went home");
    await user.click(screen.getByRole("button", { name: "Cancel the visit" }));
    const [command] = await asked(house);
    expect(command).toMatchObject({ request: "POST /queue/cancel", body: { visit_id: 1, reason: "went home" } });
    expect(namesIn("Waiting")).toEqual([]);
  });
});

describe("undo", () => {
  test("takes the last call back to its place, each step of the version before it", async () => {
    const house = new House(queueOf({ waiting: [1, 2] }));
    const versions = [2, 3, 4];
    house.onCommand = ({ request }) =>
      moved(aVisit(1, request.endsWith("call") ? "called" : "waiting", versions.shift() ?? 9));
    await house.show();
    await press(A, "Call");
    await user.click(await screen.findByRole("button", { name: `Undo: Call, ${A}` }));
    await waitFor(() => expect(house.commands).toHaveLength(3));
    expect(house.commands.map(({ request, version }) => [request, version])).toEqual([
      ["POST /queue/call", '"1"'],
      ["POST /queue/requeue", '"2"'],
      ["PUT /queue/reorder", '"3"'],
    ]);
    expect(house.commands[2]?.body).toEqual({ visit_id: 1, new_position: 1 });
    await waitFor(() => expect(namesIn("Waiting")).toEqual([A, B]));
  });

  test("is not offered for an arrival, nor once somebody else went on", async () => {
    const house = new House(queueOf({ waiting: [2] }));
    house.phases = phases({ appointments_today: [aPhaseItem(1)] });
    house.onCommand = ({ request }) =>
      request.endsWith("checkin") ? moved(aVisit(1, "waiting", 2)) : moved(aVisit(2, "called", 2));
    await house.show();
    await press(A, "Check in");
    expect(screen.getByRole("button", { name: "Undo" })).toHaveProperty("disabled", true);
    await press(B, "Call");
    await screen.findByRole("button", { name: `Undo: Call, ${B}` });
    await house.now(queueOf({ in_progress: [2] }, 3));
    await waitFor(() => expect(screen.getByRole("button", { name: "Undo" })).toHaveProperty("disabled", true));
  });
});

describe("the board", () => {
  test("offers a receptionist no completing", async () => {
    const house = new House(queueOf({ in_progress: [1] }));
    await house.show("receptionist");
    expect(within(cardOf(A)).queryByRole("button", { name: "Complete" })).toBeNull();
  });

  test("an admin may complete", async () => {
    const house = new House(queueOf({ in_progress: [1] }));
    await house.show("admin");
    expect(within(cardOf(A)).getByRole("button", { name: "Complete" })).toBeDefined();
  });

  test("counts what is there, and what the server counts", async () => {
    const house = new House(queueOf({ waiting: [1], called: [2], in_progress: [3], completed: [4, 5] }));
    await house.show();
    await waitFor(() => expect(number("Unpaid")).toBe("3"));
    expect(["Appointments", "Waiting", "With doctor", "Completed", "Typical wait", "Long wait"].map(number)).toEqual([
      "12",
      "2",
      "1",
      "2",
      "7 min",
      "1 hr 15 min",
    ]);
    await house.now(queueOf({ waiting: [1, 2, 6] }, 2));
    await waitFor(() => expect(number("Waiting")).toBe("3"));
  });

  test("takes a move by keyboard: the handle picks a card up, Enter puts it down", async () => {
    const house = new House(queueOf({ called: [1] }));
    house.onCommand = () => later().promise;
    await house.show();
    const handle = within(cardOf(A)).getByRole("button", { name: `Move ${A}` });
    act(() => handle.focus());
    await user.keyboard("{Enter}");
    // The targets are the columns that may take the card; the next one is with the doctor.
    await waitFor(() => expect(document.activeElement).not.toBe(handle));
    for (let tries = 0; tries < 8 && !document.activeElement?.closest("[data-of=in_progress]"); tries += 1) {
      await user.keyboard("{Tab}");
    }
    await user.keyboard("{Enter}");
    await waitFor(() => expect(namesIn("With doctor")).toEqual([A]));
    const [command] = await asked(house);
    expect(command).toMatchObject({ request: "POST /queue/start", body: { visit_id: 1 } });
  });
});

describe("a wait", () => {
  test("counts up by itself", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"], now: Date.parse("2026-03-02T08:05:00Z") });
    try {
      const house = new House(queueOf({ waiting: [1] }));
      await house.show();
      expect(within(cardOf(A)).getByText("5 min")).toBeDefined();
      act(() => void vi.advanceTimersByTime(60_000));
      expect(within(cardOf(A)).getByText("6 min")).toBeDefined();
    } finally {
      vi.useRealTimers();
    }
  });
});
