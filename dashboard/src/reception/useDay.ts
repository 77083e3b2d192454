import { replaceEqualDeep, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useRef } from "react";

import { phasesQuery, queueQuery, statisticsQuery, statsQuery } from "../api/queries";
import { useClinicEvents } from "../api/useClinicEvents";
import { useHere, useSignedIn } from "../app/signedIn";
import { cardsOf, type Card, type Lists } from "./cards";
import { withPending } from "./pending";
import { useMoves, type Moves } from "./useMoves";

/** The numbers above the board; undefined while they are not known. */
export interface Numbers {
  appointments: number | undefined;
  waiting: number | undefined;
  withDoctor: number | undefined;
  completed: number | undefined;
  pendingPayments: number | undefined;
  waitP50: number | null | undefined;
  waitP90: number | null | undefined;
}

export interface Day {
  lists: Lists;
  numbers: Numbers;
  moves: Moves;
  date: string | undefined;
  loading: boolean;
  failed: boolean;
  again(): void;
}

const NOBODY: Lists = { scheduled: [], called: [], waiting: [], in_progress: [], completed: [] };

/** The most completed visits that a picture lists. */
const LISTED = 50;

/** The clinic's day as it is, with what the person has just done to it. */
export function useDay(): Day {
  const { api } = useSignedIn();
  const { clinic } = useHere();
  const client = useQueryClient();
  useClinicEvents(clinic);
  const queue = useQuery(queueQuery(api, client, clinic));
  const phases = useQuery(phasesQuery(api, client, clinic));
  const statistics = useQuery(statisticsQuery(api, clinic));
  const stats = useQuery(statsQuery(api, clinic));

  const before = useRef<Lists>(NOBODY);
  const told = useMemo(() => {
    if (queue.data && phases.data) {
      // A card that is as it was stays the same object: it is not drawn again.
      before.current = replaceEqualDeep(before.current, cardsOf(queue.data.of, phases.data.of.phases));
    }
    return before.current;
  }, [queue.data, phases.data]);
  const moves = useMoves(told);
  const lists = useMemo(() => withPending(told, moves.pending), [told, moves.pending]);

  const known = queue.data !== undefined && phases.data !== undefined;
  const listed = lists.completed.length;
  const numbers: Numbers = {
    appointments: stats.data?.appointments.total,
    waiting: known ? lists.waiting.length + lists.called.length : undefined,
    withDoctor: known ? lists.in_progress.length : undefined,
    completed: known ? (listed < LISTED ? listed : Math.max(listed, statistics.data?.completed_count ?? 0)) : undefined,
    pendingPayments: stats.data?.visits.pending_payment,
    waitP50: statistics.data?.wait_p50_minutes,
    waitP90: statistics.data?.wait_p90_minutes,
  };
  return {
    lists,
    numbers,
    moves,
    date: phases.data?.of.date,
    loading: !known,
    failed: queue.isError || phases.isError,
    again: () => void Promise.all([queue.refetch(), phases.refetch()]),
  };
}

/** The cards that somebody looks for: by doctor, and by name, telephone or ticket. */
export function found(lists: Lists, doctor: string | null, typed: string): Lists {
  const wanted = typed.trim().toLocaleLowerCase();
  if (!wanted && doctor === null) {
    return lists;
  }
  const fits = (card: Card) =>
    (doctor === null || card.doctor === doctor) &&
    (!wanted ||
      card.name.toLocaleLowerCase().includes(wanted) ||
      card.phone.includes(wanted) ||
      String(card.ticket) === wanted);
  return {
    scheduled: lists.scheduled.filter(fits),
    called: lists.called.filter(fits),
    waiting: lists.waiting.filter(fits),
    in_progress: lists.in_progress.filter(fits),
    completed: lists.completed.filter(fits),
  };
}
