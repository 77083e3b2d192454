import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import type { Visit } from "@contracts";

import { today } from "../api/queries";
import { newKey, Refused } from "../api/request";
import { useHere, useSignedIn } from "../app/signedIn";
import { tell, useReason } from "../app/toasts";
import type { Card, Lists } from "./cards";
import { leadsTo, send, undoOf, type MoveName, type Step, type Wish } from "./moves";
import { stillPending, type Pending } from "./pending";
import { useReceptionTexts } from "./texts";

/** What can be taken back: the last move, while the card is as that move left it. */
export interface Undo {
  move: MoveName;
  card: Card;
  act(): void;
}

export interface Moves {
  pending: readonly Pending[];
  /** Move a card: it is there at once, and back with a word when the server refuses. */
  move(move: MoveName, card: Card, more?: Pick<Wish, "position" | "reason">): void;
  /** Call the next one of a doctor; `expected` is who that seems to be. */
  callNext(doctor: number, expected: Card | undefined): void;
  undo: Undo | undefined;
}

interface Done {
  wish: Wish;
  steps: readonly Step[];
  version: number;
}

let keys = 0;

/** The person's moves on the board, one after another. */
export function useMoves(lists: Lists): Moves {
  const { api } = useSignedIn();
  const { clinic } = useHere();
  const client = useQueryClient();
  const texts = useReceptionTexts();
  const reason = useReason();
  const [pending, setPending] = useState<readonly Pending[]>([]);
  const [done, setDone] = useState<Done>();
  /** The versions that our own moves have made, which the picture may not show yet. */
  const versions = useRef(new Map<number, number>());
  const latest = useRef(lists);
  latest.current = lists;

  useEffect(() => setPending((before) => stillPending(lists, before)), [lists]);

  const drop = useCallback((key: number) => setPending((all) => all.filter((one) => one.key !== key)), []);

  const settle = useCallback((key: number, visit: Visit) => {
    versions.current.set(visit.id, visit.version);
    setPending((all) =>
      stillPending(
        latest.current,
        all.map((one) => (one.key !== key ? one : { ...one, until: one.visit === visit.id ? visit.version : 0 })),
      ),
    );
  }, []);

  const refuse = useCallback(
    (error: unknown, card: Card | undefined) => {
      const stands = error instanceof Refused ? error.visit : undefined;
      tell({
        tone: "refused",
        title: card ? texts.notMoved(card.name) : texts.notCalled,
        detail: [reason(error), stands && texts.standsAt(texts.statuses[stands.status])].filter(Boolean).join(" "),
      });
      // What is true now, not in half a second.
      void client.invalidateQueries({ queryKey: today(clinic) });
    },
    [client, clinic, reason, texts],
  );

  const { mutateAsync } = useMutation({
    scope: { id: `moves of ${clinic}` }, // in the order in which they were made
    mutationFn: (wish: Wish) =>
      send(api, wish, Math.max(wish.card.version, versions.current.get(wish.card.id) ?? 0)),
    retry: (count, error) => count < 2 && error instanceof Refused && error.passing,
    retryDelay: 700,
    onMutate: ({ move, card, position }) => {
      const key = (keys += 1);
      const at = new Date().toISOString();
      setPending((all) => [...all, { key, visit: card.id, to: leadsTo(move), position, at, until: Infinity }]);
      return { key };
    },
    onSuccess: (visit, _, { key }) => settle(key, visit),
    onError: (error, { card }, shown) => {
      if (shown) {
        drop(shown.key);
      }
      refuse(error, card);
    },
  });

  const move = useCallback<Moves["move"]>(
    (name, card, more = {}) => {
      const place = latest.current.waiting.findIndex(({ id }) => id === card.id);
      const wish: Wish = { move: name, card, key: newKey(), ...more };
      const steps = undoOf(wish, place < 0 ? undefined : place + 1);
      setDone(undefined);
      void mutateAsync(wish).then(
        (visit) => setDone(steps && { wish, steps, version: visit.version }),
        () => undefined, // told already
      );
    },
    [mutateAsync],
  );

  const calling = useMutation({
    scope: { id: `moves of ${clinic}` },
    mutationFn: ({ doctor, key }: { doctor: number; key: string; expected: Card | undefined }) =>
      api.ask<{ visit: Visit }>("POST", "/queue/call", { body: { clinic_id: clinic, doctor_id: doctor }, key }),
    retry: (count, error) => count < 2 && error instanceof Refused && error.passing,
    retryDelay: 700,
    onMutate: ({ expected }) => {
      const key = (keys += 1);
      if (expected) {
        const at = new Date().toISOString();
        setPending((all) => [...all, { key, visit: expected.id, to: "called", at, until: Infinity }]);
      }
      return { key };
    },
    onSuccess: ({ body: { visit } }, { expected }, { key }) => {
      settle(key, visit);
      if (expected?.id === visit.id) {
        const steps = undoOf({ move: "call", card: expected }, 1);
        setDone(steps && { wish: { move: "call", card: expected, key: "" }, steps, version: visit.version });
      }
    },
    onError: (error, _, shown) => {
      if (shown) {
        drop(shown.key);
      }
      refuse(error, undefined);
    },
  }).mutate;

  const callNext = useCallback<Moves["callNext"]>(
    (doctor, expected) => {
      setDone(undefined);
      calling({ doctor, expected, key: newKey() });
    },
    [calling],
  );

  const takeBack = useCallback(
    async (card: Card, steps: readonly Step[]) => {
      try {
        for (const { move: name, position } of steps) {
          const { status, version } = await mutateAsync({ move: name, card, position, key: newKey() });
          card = { ...card, status, version };
        }
      } catch {
        // Told already, and what would have come after it is not done.
      }
    },
    [mutateAsync],
  );

  const undo = useMemo<Undo | undefined>(() => {
    if (!done) {
      return undefined;
    }
    const { wish, steps, version } = done;
    const to = leadsTo(wish.move);
    const now = Object.values(lists)
      .flat()
      .find(({ id }) => id === wish.card.id);
    if (now && now.version > version) {
      return undefined; // somebody went on with it
    }
    return {
      move: wish.move,
      card: wish.card,
      act() {
        setDone(undefined);
        void takeBack({ ...(now ?? wish.card), status: to, version }, steps);
      },
    };
  }, [done, lists, takeBack]);

  return useMemo(() => ({ pending, move, callNext, undo }), [pending, move, callNext, undo]);
}
