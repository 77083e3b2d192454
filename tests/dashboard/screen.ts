// The dashboard's line to the bridge without a page, told by JSON lines what to do and telling what it hears.
// node screen.mjs <url> <token>
import { createInterface } from "node:readline";

import { connect, type EventName, type Room } from "../../dashboard/src/realtime";

const [, , url = "", token = ""] = process.argv;

const HEARD: EventName[] = ["queue_updated", "visit_cancelled", "patient_updated", "visit_status_changed"];

function tell(what: object): void {
  process.stdout.write(JSON.stringify(what) + "\n");
}

const realtime = connect({ url, token: () => token, retry: 20, jitter: 50 });
let state = realtime.state();
realtime.subscribe(() => {
  if (realtime.state() !== state) {
    state = realtime.state();
    tell({ state });
  }
});
realtime.onGap(() => tell({ gap: true }));
for (const event of HEARD) {
  realtime.on(event, (payload, stamp) => tell({ event, payload, seq: stamp.seq }));
}

createInterface({ input: process.stdin })
  .on("line", (line) => void realtime.join(JSON.parse(line) as Room))
  .on("close", () => {
    realtime.close();
    process.exit(0);
  });
