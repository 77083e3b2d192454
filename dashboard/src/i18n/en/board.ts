import type { Formats } from "../formats";

export const board = (f: Formats) => ({
  calling: "Please come in",
  nobody: "Please take a seat",
  nobodyTold: "Your number is called here.",
  ticket: "Ticket",
  room: (room: string) => `Room ${room}`,
  number: (ticket: number) => f.number(ticket),
  inside: "With the doctor",
  recent: "Called before",
  next: "Next",
  waiting: (count: number) => `${f.number(count)} waiting`,
  spoken: (ticket: number, room: string | null) => `Ticket ${ticket}${room ? `, room ${room}` : ""}`,
  offline: "The line is cut. Please watch for the staff as well.",
  chime: "Chime",
  voice: "Spoken calls",
  fullScreen: "Full screen",
  blocked: "This browser keeps quiet until the screen is pressed once",
});
