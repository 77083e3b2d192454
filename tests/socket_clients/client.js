// One socket.io-client, told by JSON lines what to do and telling by JSON lines what it got.
// node client.js <field|newest> <url> <options as JSON>
"use strict";

const readline = require("node:readline");

const [, , kind, url, options] = process.argv;
const { io } = require(`socket.io-client-${kind}`);

const tell = (what) => process.stdout.write(JSON.stringify(what) + "\n");

const socket = io(url, { forceNew: true, ...JSON.parse(options) });
socket.io.on("open", () => {
  tell({ open: socket.io.engine.transport.name });
  socket.io.engine.on("upgrade", (transport) => tell({ upgrade: transport.name }));
});
socket.on("connect", () => tell({ connect: socket.id }));
socket.on("connect_error", (error) => tell({ connect_error: error.message }));
socket.on("disconnect", (reason) => tell({ disconnect: reason }));
socket.onAny((event, ...given) => tell({ event, given }));

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const { emit, given, ack } = JSON.parse(line);
  if (ack) socket.emit(emit, ...given, (answer) => tell({ ack: answer }));
  else socket.emit(emit, ...given);
}).on("close", () => {
  // By itself the process ends once the server was told: a long poll that nobody waits for holds up its end.
  socket.disconnect();
  setTimeout(() => process.exit(0), 1000).unref();
});
