export { connect } from "./client";
export { refetcher, type Patience } from "./refetcher";
export type { EventName, Events, Options, Realtime, Room, Stamp, State } from "./types";
