"use strict";
const at = id => document.getElementById(id);
const element = (tag, text, ...inside) => {
  const made = document.createElement(tag);
  if (text !== null && text !== undefined) made.textContent = text;  // text, never markup: names come from outside
  made.append(...inside);
  return made;
};

// The token stays in the fragment and in this tab: a server's log never sees it.
const token = new URLSearchParams(location.hash.slice(1)).get("token");
const bearer = (() => {
  try {
    const bytes = atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, character => character.charCodeAt(0))));
  } catch { return null; }
})();
let clinic = Array.isArray(bearer?.clinics) ? bearer.clinics[0] : undefined;

const COLUMNS = {
  board: [["called", "Please come in"], ["in_progress", "With the doctor"], ["waiting", "Waiting"]],
  cashier: [["completed", "Seen"], ["in_progress", "With the doctor"], ["called", "Called"], ["waiting", "Waiting"],
            ["paid", "Paid just now"]],
  staff: [["waiting", "Waiting"], ["called", "Called"], ["in_progress", "With the doctor"], ["completed", "Seen"]],
};
const columns = COLUMNS[{display: "board", cashier: "cashier"}[bearer?.role] ?? "staff"];
const paid = [];
let queue = {};

const clock = time => time ? new Date(time).toLocaleTimeString([], {hour: "2-digit", minute: "2-digit"}) : "";
const money = amount => Number(amount).toFixed(2);

function row(item) {
  if ("payment" in item) {
    const {payment, visit} = item;
    const rest = payment.remaining_amount > 0 ? `, ${money(payment.remaining_amount)} remain` : "";
    return element("li", null, element("b", visit.queue_number ?? "–"), element("span", money(payment.amount_paid)),
                   element("small", `${payment.status.replace("_", " ")}${rest}`));
  }
  const line = element("li", null, element("b", item.queue_number ?? "–"));
  if (bearer.role === "display") line.append(element("span", item.room_number ? `Room ${item.room_number}` : ""));
  else {
    const about = [item.doctor_name, item.service_name, clock(item.check_in_time)].filter(Boolean).join(" · ");
    line.append(element("span", item.patient_name), element("small", about));
  }
  return line;
}

function draw() {
  const lists = {...queue, paid};
  at("queue").className = bearer.role === "display" ? "board" : "";
  at("queue").replaceChildren(...columns.map(([name, title]) => {
    const items = lists[name] ?? [];
    const section = element("section", null, element("h2", `${title} (${items.length})`),
      items.length ? element("ol", null, ...items.map(row)) : element("p", "Nobody"));
    section.className = items.length ? name : "empty";
    return section;
  }));
}

function state(text, live = false) {
  at("state").textContent = text;
  at("state").dataset.live = live ? "yes" : "no";
}

const HEARD = {
  queue_updated(payload) {
    // A doctor's page may hear both queues: its own says whose it is.
    if (bearer.role === "doctor" ? payload.doctor_id !== bearer.doctor_id : payload.clinic_id !== clinic) return;
    queue = payload;
    draw();
  },
  board_updated(payload) { if (payload.clinic_id === clinic) { queue = payload; draw(); } },
  payment_processed(payload) { paid.unshift(payload); paid.length = Math.min(paid.length, 20); draw(); },
  error(payload) { state(payload?.message ?? "refused"); },
};

// As much of Engine.IO 4 and Socket.IO 5 as one screen needs: 0 open, 2 ping, 3 pong; 40 connect, 42 event, 44 refused.
let socket, pause = 500;
function connect() {
  let alive;
  const current = socket = new WebSocket(`${location.origin.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
  let patience = 20000;
  const expect = () => { clearTimeout(alive); alive = setTimeout(() => current.close(), patience); };
  expect();
  current.onmessage = ({data}) => {
    expect();
    if (data[0] === "0") {
      const open = JSON.parse(data.slice(1));
      patience = open.pingInterval + open.pingTimeout;
      current.send("40" + JSON.stringify({token}));
    } else if (data === "2") current.send("3");
    else if (data.startsWith("40")) { pause = 500; state("live", true); join(); }
    else if (data.startsWith("42")) { const [name, payload] = JSON.parse(data.slice(2)); HEARD[name]?.(payload); }
    else if (data.startsWith("44")) { pause = 30000; state(JSON.parse(data.slice(2)).message ?? "refused"); current.close(); }
  };
  current.onclose = () => {
    clearTimeout(alive);
    if (current !== socket) return;
    if (at("state").dataset.live === "yes") state("connection lost, trying again");
    setTimeout(connect, pause * (0.5 + Math.random()));  // not all screens at the same moment
    pause = Math.min(pause * 2, 30000);
  };
}

function join() {
  const ask = (name, wish) => socket.send("42" + JSON.stringify([name, wish]));
  if (bearer.role === "display") ask("join_board_room", {clinic_id: clinic});
  else if (bearer.role === "doctor") ask("join_doctor_room", {doctor_id: bearer.doctor_id});
  else ask("join_queue_room", {clinic_id: clinic});
}

async function offer() {
  // Several clinics: their names, and a choice.
  let known = Array.isArray(bearer.clinics) ? bearer.clinics.map(id => ({id, name: id})) : [];
  if (bearer.role !== "display") {
    const answer = await fetch("/clinics", {headers: {Authorization: `Bearer ${token}`}}).catch(() => null);
    if (answer?.ok) known = (await answer.json()).clinics.filter(({id}) => bearer.clinics === "*" || bearer.clinics.includes(id));
  }
  clinic ??= known[0]?.id;
  at("clinic").replaceChildren(...known.map(({id, name}) => Object.assign(element("option", name), {value: id})));
  at("choice").hidden = known.length < 2 || bearer.role === "doctor";
  at("clinic").onchange = () => {
    if (bearer.role === "display") socket.send("42" + JSON.stringify(["leave_board_room", {clinic_id: clinic}]));
    else socket.send("42" + JSON.stringify(["leave_queue_room", {clinic_id: clinic}]));
    clinic = Number(at("clinic").value);
    queue = {};
    draw();
    join();
  };
}

addEventListener("hashchange", () => location.reload());
if (!bearer) state("Open one of the sign-in links that the start of Clinicwire printed");
else {
  at("who").textContent = bearer.name || bearer.role;
  draw();
  offer().then(connect);
}
