import { useState, useSyncExternalStore } from "react";
import { Button, ToggleButton } from "react-aria-components";

import type { BoardTicket } from "@contracts";

import { Mark } from "../app/controls/Icon";
import { useHere, useSignedIn } from "../app/signedIn";
import { StatusBar } from "../app/StatusBar";
import { useAppTexts } from "../app/texts";
import { useFormats, useLanguage } from "../i18n/language";
import { Clock } from "./Clock";
import { useBoardTexts } from "./texts";
import { useCalls } from "./useCalls";
import { useVoice } from "./useVoice";

import "./board.css";

/** Those who are called now fill the screen; of more than this the earliest go to the side. */
const LARGE = 3;

/** How many of those who wait are named. */
const NEXT = 8;

/** The waiting room's screen: tickets and rooms, and nothing about a person. */
export default function Board() {
  const { realtime } = useSignedIn();
  const { name } = useHere();
  const app = useAppTexts();
  const texts = useBoardTexts();
  const formats = useFormats();
  const { language, choose } = useLanguage();
  const voice = useVoice();
  const calls = useCalls(voice.call);
  const state = useSyncExternalStore(realtime.subscribe, realtime.state);
  const large = calls?.called.slice(0, LARGE) ?? [];
  const recent = calls ? [...calls.called.slice(LARGE), ...calls.recent] : [];

  return (
    <main className="wall" data-called={large.length}>
      <header>
        <Mark />
        <h1>{name ?? app.pages.board}</h1>
        <StatusBar />
        <Clock />
      </header>
      <section className="now" aria-label={texts.calling} aria-live="assertive">
        {large.length > 0 ? (
          <>
            <h2>{texts.calling}</h2>
            <ul>
              {large.map((ticket) => (
                <li key={ticket.queue_number} className="call">
                  <span className="call-ticket">
                    <span className="said">{texts.ticket} </span>
                    {formats.number(ticket.queue_number)}
                  </span>
                  {ticket.room_number && <span className="call-room">{texts.room(ticket.room_number)}</span>}
                </li>
              ))}
            </ul>
          </>
        ) : (
          calls && (
            <div className="seat">
              <h2>{texts.nobody}</h2>
              <p>{texts.nobodyTold}</p>
            </div>
          )
        )}
      </section>
      <aside>
        <Tickets label={texts.inside} tickets={calls?.inside ?? []} of="in_progress" />
        <Tickets label={texts.recent} tickets={recent} of="called" />
        <Tickets
          label={texts.next}
          more={calls && texts.waiting(calls.waiting.length)}
          tickets={calls?.waiting.slice(0, NEXT) ?? []}
          of="waiting"
          roomless
        />
      </aside>
      <footer>
        <p role="status">{state === "offline" ? texts.offline : voice.blocked && (voice.chime || voice.voice) ? texts.blocked : ""}</p>
        <ToggleButton className="button quiet" isSelected={voice.chime} onChange={(on) => voice.turn("chime", on)}>
          {texts.chime}
        </ToggleButton>
        <ToggleButton className="button quiet" isSelected={voice.voice} onChange={(on) => voice.turn("voice", on)}>
          {texts.voice}
        </ToggleButton>
        <Button className="button quiet" onPress={() => choose(language === "ar" ? "en" : "ar")}>
          <span lang={language === "ar" ? "en" : "ar"}>{app.language}</span>
        </Button>
        <FullScreen />
      </footer>
    </main>
  );
}

interface TicketsProps {
  label: string;
  more?: string | undefined;
  tickets: readonly BoardTicket[];
  of: BoardTicket["status"];
  roomless?: boolean;
}

function Tickets({ label, more, tickets, of, roomless = false }: TicketsProps) {
  const texts = useBoardTexts();
  const formats = useFormats();
  return (
    <section className="tickets" data-of={of} aria-label={label}>
      <h2>
        {label}
        {more && <small>{more}</small>}
      </h2>
      <ul>
        {tickets.map((ticket) => (
          <li key={ticket.queue_number}>
            <b>{formats.number(ticket.queue_number)}</b>
            {!roomless && ticket.room_number && <span>{texts.room(ticket.room_number)}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function FullScreen() {
  const texts = useBoardTexts();
  const [able] = useState(() => document.fullscreenEnabled);
  return (
    able && (
      <Button className="button quiet" onPress={() => void document.documentElement.requestFullscreen().catch(() => undefined)}>
        {texts.fullScreen}
      </Button>
    )
  );
}
