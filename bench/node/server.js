// What a Node programmer would write: Socket.IO rooms of clinics, fed by NATS.
//
// node server.js NATS_URL SEED SECRET: says its port; does for a client what the bridge does (token, welcome, join
// with an acknowledgement and the clinic's picture), and sends each event to the room of its clinic. Each line of its
// input is answered with the longest that its loop went without a turn since the line before, in milliseconds of CPU.

const { createServer } = require("node:http");
const { connect, nkeyAuthenticator } = require("@nats-io/transport-node");
const jwt = require("jsonwebtoken");
const { Server } = require("socket.io");

const [url, seed, secret] = process.argv.slice(2);
const text = new TextDecoder();

let longest = 0;
let before = taken();
setInterval(() => {
  const now = taken();
  longest = Math.max(longest, now - before);
  before = now;
}, 1);
process.stdin.on("data", () => {
  console.log((longest / 1000).toFixed(3));
  longest = 0;
});

function taken() {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

async function main() {
  const nats = await connect({
    servers: url,
    authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)),
    inboxPrefix: "_INBOX_observer",
  });
  const http = createServer();
  const io = new Server(http, { perMessageDeflate: false });

  io.use((socket, next) => {
    try {
      socket.data.bearer = jwt.verify(socket.handshake.auth.token, secret, { algorithms: ["HS256"] });
      next();
    } catch {
      next(new Error("Invalid authentication"));
    }
  });
  io.on("connection", (socket) => {
    socket.join(["staff", "desk_all"]);
    socket.emit("connected", { message: "Connected to real-time updates" });
    socket.on("join_queue_room", ({ clinic_id }, acknowledge) => {
      socket.join(`clinic_${clinic_id}`);
      acknowledge({ ok: true });
      const nobody = { waiting: [], called: [], in_progress: [], completed: [], total: 0 };
      socket.emit("queue_updated", { clinic_id, ...nobody });
    });
  });

  nats.subscribe("clinic.*.visit_cancelled", {
    callback: (_, message) => {
      const [, clinic, event] = message.subject.split(".");
      io.to(`clinic_${clinic}`).emit(event, JSON.parse(text.decode(message.data)));
    },
  });
  await nats.flush();
  http.listen(0, "127.0.0.1", 4096, () => console.log(http.address().port));
}

main();
