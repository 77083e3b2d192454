import { useCallback, useEffect, useState } from "react";

import type { BoardTicket } from "@contracts";

import { kept } from "../app/kept";
import { LOCALES, useLanguage } from "../i18n/language";
import { useBoardTexts } from "./texts";
import { Voice } from "./voice";

type Sound = "chime" | "voice";

export interface Heard {
  chime: boolean;
  voice: boolean;
  /** The browser keeps quiet until somebody has pressed something. */
  blocked: boolean;
  turn(sound: Sound, on: boolean): void;
  call(tickets: readonly BoardTicket[]): void;
}

/** The chime and the spoken call, each on until it is turned off here. */
export function useVoice(): Heard {
  const { language } = useLanguage();
  const texts = useBoardTexts();
  const [voice] = useState(() => new Voice());
  const [on, setOn] = useState(() => ({
    chime: kept.read("board.chime") !== "off",
    voice: kept.read("board.voice") !== "off",
  }));
  const [blocked, setBlocked] = useState(false);

  useEffect(() => {
    const wake = () => {
      void voice.wake().then(() => setBlocked(voice.blocked), () => undefined);
      setBlocked(voice.blocked);
    };
    wake();
    addEventListener("pointerdown", wake);
    addEventListener("keydown", wake);
    return () => {
      removeEventListener("pointerdown", wake);
      removeEventListener("keydown", wake);
      voice.stop();
    };
  }, [voice]);

  const turn = useCallback((sound: Sound, wanted: boolean) => {
    kept.write(`board.${sound}`, wanted ? "on" : "off");
    setOn((before) => ({ ...before, [sound]: wanted }));
  }, []);

  const call = useCallback(
    (tickets: readonly BoardTicket[]) => {
      if (on.chime) {
        voice.chime();
      }
      if (on.voice) {
        voice.say(
          tickets.map(({ queue_number, room_number }) => texts.spoken(queue_number, room_number)),
          LOCALES[language],
        );
      }
    },
    [voice, on, texts, language],
  );
  return { ...on, blocked, turn, call };
}
