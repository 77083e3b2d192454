import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { Server, type Socket } from "socket.io";

import type { Stamp } from "./types";

/** What a client sent when it asked for a room. */
export interface Asked {
  clinic_id?: number;
  doctor_id?: number;
  since?: number;
  epoch?: string;
}

type Answer = (answer: object) => void;

/** A socket.io server that says what a test has it say, in the bridge's words. */
export class Bridge {
  epoch = "one";
  seq = 100;
  recovered = true;
  refusing = false;
  readonly auths: { token: string; cursor: boolean; since?: number; epoch?: string }[] = [];
  readonly joins: Asked[] = [];
  readonly leaves: Asked[] = [];
  readonly refreshed: string[] = [];
  /** Answers a join; tests put another in its place. */
  onJoin = (_asked: Asked, answer: Answer, _socket: Socket): void => answer(this.entered());

  private readonly http = createServer();
  private readonly io = new Server(this.http);

  private constructor() {
    this.io.use((socket, next) => {
      this.auths.push(socket.handshake.auth as Bridge["auths"][number]);
      next(this.refusing ? new Error("Invalid authentication") : undefined);
    });
    this.io.on("connection", (socket) => {
      const returning = socket.handshake.auth["since"] !== undefined;
      const recovered = this.recovered && returning;
      for (const kind of ["queue", "doctor", "board"]) {
        socket.on(`join_${kind}_room`, (asked: Asked, answer: Answer) => {
          this.joins.push(asked);
          this.onJoin(asked, answer, socket);
        });
        socket.on(`leave_${kind}_room`, (asked: Asked) => this.leaves.push(asked));
      }
      socket.on("auth_refresh", ({ token }: { token: string }) => this.refreshed.push(token));
      socket.emit("connected", { message: "hello", epoch: this.epoch, seq: this.seq, recovered });
    });
  }

  static async open(): Promise<Bridge> {
    const bridge = new Bridge();
    await new Promise<void>((listening) => bridge.http.listen(0, "127.0.0.1", listening));
    return bridge;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  entered(recovered?: boolean): object {
    return { ok: true, epoch: this.epoch, seq: this.seq, recovered: recovered ?? this.recovered };
  }

  /** Tell everyone who is connected. */
  say(name: string, payload: object, stamp?: Stamp): void {
    this.io.emit(name, payload, ...(stamp ? [stamp] : []));
  }

  /** Cut every connection as a pulled cable does: the clients come back by themselves. */
  cut(): void {
    for (const socket of this.io.sockets.sockets.values()) {
      socket.conn.close();
    }
  }

  /** End every session, as when a token has expired. */
  end(): void {
    this.io.disconnectSockets();
  }

  async close(): Promise<void> {
    await this.io.close();
  }
}
