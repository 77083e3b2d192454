import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";

import type { BoardTicket, BoardUpdated } from "@contracts";

import { show } from "../page.fixture";
import Board from "./Board";
import { after, type Calls } from "./calls";
import { Voice } from "./voice";

const DISPLAY = { role: "display" } as const;

let said: string[];
let chimes: number;

beforeEach(() => {
  said = [];
  chimes = 0;
  // jsdom has neither sound nor speech.
  vi.spyOn(Voice.prototype, "wake").mockResolvedValue();
  vi.spyOn(Voice.prototype, "chime").mockImplementation(() => void (chimes += 1));
  vi.spyOn(Voice.prototype, "say").mockImplementation((calls) => void said.push(...calls));
});

const CALLED = "2026-03-02T09:00:00+00:00";

function ticket(queue_number: number, status: BoardTicket["status"], room_number = "3", at = CALLED): BoardTicket {
  return { queue_number, room_number, status, called_time: status === "called" ? at : null };
}

function picture(...tickets: BoardTicket[]): BoardUpdated {
  const of = (status: BoardTicket["status"]) => tickets.filter((one) => one.status === status);
  return { clinic_id: 1, waiting: of("waiting"), called: of("called"), in_progress: of("in_progress") };
}

test("a ticket that is called is shown with its room, and called out once", async () => {
  const { bridge } = await show(Board, DISPLAY);
  bridge.say("board_updated", picture(ticket(12, "waiting")), { seq: 101 });
  const next = await screen.findByRole("region", { name: "Next" });
  await within(next).findByText("12");
  bridge.say("board_updated", picture(ticket(12, "called")), { seq: 102 });
  const now = await screen.findByRole("region", { name: "Please come in" });
  await within(now).findByText("Room 3");
  bridge.say("board_updated", picture(ticket(12, "called"), ticket(13, "waiting")), { seq: 103 });
  await within(next).findByText("13");
  expect(said).toEqual(["Ticket 12, room 3"]);
  expect(chimes).toBe(1);
});

test("a ticket that is called again is above the others, and called out again", async () => {
  const { bridge } = await show(Board, DISPLAY);
  bridge.say("board_updated", picture(), { seq: 101 });
  bridge.say("board_updated", picture(ticket(12, "called")), { seq: 102 });
  bridge.say("board_updated", picture(ticket(12, "called"), ticket(13, "called")), { seq: 103 });
  const now = await screen.findByRole("region", { name: "Please come in" });
  const tickets = () => within(now).getAllByRole("listitem").map((one) => one.textContent);
  await waitFor(() => expect(tickets()).toEqual(["Ticket 13Room 3", "Ticket 12Room 3"]));
  const again = ticket(12, "called", "3", "2026-03-02T09:02:00+00:00");
  bridge.say("board_updated", picture(ticket(13, "called"), again), { seq: 104 });
  await waitFor(() => expect(tickets()).toEqual(["Ticket 12Room 3", "Ticket 13Room 3"]));
  expect(said).toEqual(["Ticket 12, room 3", "Ticket 13, room 3", "Ticket 12, room 3"]);
  expect(chimes).toBe(3);
});

test("who was called before the board was switched on is shown without a call", async () => {
  const { bridge } = await show(Board, DISPLAY);
  bridge.say("board_updated", picture(ticket(12, "called")), { seq: 101 });
  await screen.findByText("Room 3");
  expect(said).toEqual([]);
});

test("chime and spoken call can be turned off, each by itself, and stay so", async () => {
  const { bridge } = await show(Board, DISPLAY);
  await userEvent.click(screen.getByRole("button", { name: "Spoken calls" }));
  bridge.say("board_updated", picture(), { seq: 101 });
  bridge.say("board_updated", picture(ticket(12, "called")), { seq: 102 });
  await screen.findByText("Room 3");
  expect([chimes, said]).toEqual([1, []]);
  await userEvent.click(screen.getByRole("button", { name: "Chime" }));
  bridge.say("board_updated", picture(ticket(14, "called", "5")), { seq: 103 });
  await screen.findByText("Room 5");
  expect([chimes, said]).toEqual([1, []]);
  expect(localStorage.getItem("clinicwire.board.chime")).toBe("off");
});

test("the board asks for its room only, and no route", async () => {
  const { bridge, asked } = await show(Board, DISPLAY);
  expect(bridge.joins).toEqual([{ clinic_id: 1 }]);
  expect(asked).toEqual([]);
});

test("a line that is cut is said on the wall, and the last picture stays", async () => {
  const { bridge } = await show(Board, DISPLAY);
  bridge.say("board_updated", picture(ticket(12, "called")), { seq: 101 });
  await screen.findByText("Room 3");
  await bridge.close();
  await screen.findByText("The line is cut. Please watch for the staff as well.");
  screen.getByText("Room 3");
});

test("what a board keeps does not grow over 10,000 pictures", async () => {
  let calls: Calls | undefined;
  for (let number = 1; number <= 10_000; number += 1) {
    const called = [ticket(number, "called"), ticket(number + 1, "called")];
    calls = after(calls, picture(...called, ticket(number + 2, "waiting")));
  }
  expect(calls?.called.map((one) => one.queue_number)).toEqual([10_001, 10_000]);
  expect(calls?.recent.map((one) => one.queue_number)).toEqual([9_999, 9_998, 9_997, 9_996, 9_995, 9_994]);
  expect(calls?.fresh.map((one) => one.queue_number)).toEqual([10_001]);
});

test("who is called again is above and no longer among those called before", () => {
  const one = after(undefined, picture(ticket(1, "called"), ticket(2, "called")));
  const gone = after(one, picture(ticket(2, "called")));
  expect(gone.recent.map((ticket) => ticket.queue_number)).toEqual([1]);
  const again = after(gone, picture(ticket(1, "called"), ticket(2, "called")));
  expect(again.called.map((ticket) => ticket.queue_number)).toEqual([1, 2]);
  expect(again.recent).toEqual([]);
  expect(again.fresh.map((ticket) => ticket.queue_number)).toEqual([1]);
});

test("who goes back to waiting was not called before", () => {
  const one = after(undefined, picture(ticket(1, "called")));
  expect(after(one, picture(ticket(1, "waiting"))).recent).toEqual([]);
});
