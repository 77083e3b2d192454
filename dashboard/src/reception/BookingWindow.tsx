import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button, Form, ToggleButton, ToggleButtonGroup } from "react-aria-components";

import type { Appointment, PatientCard } from "@contracts";

import { clinicsQuery, doctorsQuery, servicesQuery, slotsQuery } from "../api/queries";
import { newKey } from "../api/request";
import { Choice } from "../app/controls/Choice";
import { Field } from "../app/controls/Field";
import { Window } from "../app/controls/Window";
import { useHere, useSignedIn } from "../app/signedIn";
import { tell, useReason } from "../app/toasts";
import { useFormats } from "../i18n/language";
import { PatientPicker } from "./PatientPicker";
import { useReceptionTexts } from "./texts";

const STEPS = ["who", "patient", "when", "confirm"] as const;

type Source = "phone" | "walk_in" | "online";

interface Booking {
  clinic: number;
  doctor: number | undefined;
  patient: PatientCard | undefined;
  service: number | undefined;
  day: string;
  slot: string | undefined;
  source: Source;
  notes: string;
}

/** The time in a zone now, as slots are written. */
const timeOfDay = (timeZone: string | undefined) =>
  new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone });

/** The list begins with what is still to come; who wants an earlier time scrolls up. */
const intoView = (slot: Element | null) => slot?.scrollIntoView({ block: "start" });

/** Books an appointment in four steps. */
export default function BookingWindow({ day, onClose }: { day: string; onClose(): void }) {
  const { api, session } = useSignedIn();
  const here = useHere();
  const texts = useReceptionTexts();
  const formats = useFormats();
  const reason = useReason();
  const [step, setStep] = useState(0);
  const [booking, setBooking] = useState<Booking>({
    clinic: here.clinic,
    doctor: undefined,
    patient: undefined,
    service: undefined,
    day,
    slot: undefined,
    source: "phone",
    notes: "",
  });
  const set = (change: Partial<Booking>) => setBooking((all) => ({ ...all, ...change }));

  const clinics = (useQuery(clinicsQuery(api)).data ?? []).filter(
    ({ id }) => session.clinics === "*" || session.clinics.includes(id),
  );
  const doctors = useQuery(doctorsQuery(api, booking.clinic)).data ?? [];
  const services = useQuery(servicesQuery(api, booking.clinic)).data ?? [];
  const slots = useQuery(slotsQuery(api, booking.clinic, booking.doctor, booking.day));
  const free = slots.data?.available_slots ?? [];
  const doctor = doctors.find(({ id }) => id === booking.doctor);
  // Where there is one only, it is meant.
  const service = services.find(({ id }) => id === booking.service) ?? (services.length === 1 ? services[0] : undefined);

  const zone = clinics.find(({ id }) => id === booking.clinic)?.time_zone;
  const written = (slot: string) => formats.time(`${booking.day}T${slot}:00Z`, "UTC");
  const next = booking.day === day ? free.find(({ start_time: at }) => at >= timeOfDay(zone))?.start_time : undefined;

  const saving = useMutation({
    mutationFn: (key: string) =>
      api.ask<{ appointment: Appointment }>("POST", "/appointments", {
        body: {
          clinic_id: booking.clinic,
          doctor_id: booking.doctor,
          patient_id: booking.patient?.id,
          service_id: service?.id,
          // Without an offset it is the clinic's own time.
          start_time: `${booking.day}T${booking.slot}:00`,
          booking_source: booking.source,
          ...(booking.notes.trim() && { notes: booking.notes.trim() }),
        },
        key,
      }),
    onSuccess: ({ body: { appointment } }) => {
      const { start_time: at } = appointment;
      const when = `${formats.day(at, zone)} ${formats.time(at, zone)}`;
      tell({ tone: "done", title: texts.booked(booking.patient?.name ?? "", when) });
      onClose();
    },
    // Somebody else may have taken it.
    onError: () => void slots.refetch(),
  });

  const ready = [
    booking.doctor !== undefined,
    booking.patient !== undefined,
    service !== undefined && booking.slot !== undefined,
    !saving.isPending,
  ][step];
  const name = STEPS[step] ?? "who";

  return (
    <Window title={texts.bookTitle} isOpen onClose={onClose} wide>
      <ol className="steps" aria-label={texts.stepOf(step + 1, STEPS.length)}>
        {STEPS.map((one, index) => (
          <li key={one} aria-current={index === step ? "step" : undefined} data-done={index < step || undefined}>
            {texts.steps[one]}
          </li>
        ))}
      </ol>
      <div className="step" key={name}>
        {name === "who" && (
          <>
            {clinics.length > 1 && (
              <Choice
                label={texts.clinic}
                options={clinics}
                value={booking.clinic}
                onChange={(id) => set({ clinic: Number(id), doctor: undefined, service: undefined, slot: undefined })}
              />
            )}
            <ToggleButtonGroup
              className="doctors"
              aria-label={texts.doctor}
              selectionMode="single"
              disallowEmptySelection
              selectedKeys={booking.doctor === undefined ? [] : [booking.doctor]}
              onSelectionChange={(keys) => set({ doctor: Number([...keys][0]), slot: undefined })}
            >
              {doctors.map(({ id, name: called, specialty }) => (
                <ToggleButton key={id} id={id}>
                  <span dir="auto">{called}</span>
                  {specialty && <small dir="auto">{specialty}</small>}
                </ToggleButton>
              ))}
            </ToggleButtonGroup>
          </>
        )}
        {name === "patient" && (
          <PatientPicker patient={booking.patient} onPatient={(patient) => set({ patient })} />
        )}
        {name === "when" && (
          <>
            <div className="pair">
              <Choice
                label={texts.service}
                options={services.map(({ id, name: called, duration, price }) => ({
                  id,
                  name: called,
                  detail: texts.serviceDetail(duration, price),
                }))}
                value={service?.id ?? null}
                onChange={(id) => set({ service: Number(id) })}
                placeholder={texts.choose}
              />
              <Field label={texts.day} type="date" value={booking.day} onChange={(to) => set({ day: to, slot: undefined })} />
            </div>
            <div className="field">
              <span className="label" id="slots">
                {texts.slots}
              </span>
              {free.length > 0 ? (
                <ToggleButtonGroup
                  className="slots"
                  aria-labelledby="slots"
                  selectionMode="single"
                  selectedKeys={booking.slot ? [booking.slot] : []}
                  onSelectionChange={(keys) => set({ slot: [...keys].map(String)[0] })}
                >
                  {free.map(({ start_time: at }) => (
                    <ToggleButton key={at} id={at} className="slot" ref={at === next ? intoView : null}>
                      {written(at)}
                    </ToggleButton>
                  ))}
                </ToggleButtonGroup>
              ) : (
                <p className="empty">{slots.isError ? reason(slots.error) : slots.data ? texts.noSlots : ""}</p>
              )}
            </div>
          </>
        )}
        {name === "confirm" && (
          <>
            <dl className="summary">
              <dt>{texts.patient}</dt>
              <dd dir="auto">{booking.patient?.name}</dd>
              <dt>{texts.doctor}</dt>
              <dd dir="auto">{doctor?.name}</dd>
              <dt>{texts.service}</dt>
              <dd dir="auto">
                {service?.name} <small>{service && texts.serviceDetail(service.duration, service.price)}</small>
              </dd>
              <dt>{texts.day}</dt>
              <dd>
                {formats.day(`${booking.day}T12:00:00Z`, "UTC")}, <b>{booking.slot && written(booking.slot)}</b>
              </dd>
            </dl>
            <div className="pair">
              <Choice
                label={texts.source}
                options={(["phone", "walk_in", "online"] as const).map((id) => ({ id, name: texts.sources[id] }))}
                value={booking.source}
                onChange={(source) => set({ source: source as Source })}
              />
              <Field label={texts.notes} value={booking.notes} onChange={(notes) => set({ notes })} maxLength={500} />
            </div>
            {saving.isError && (
              <p role="alert" className="told">
                {reason(saving.error)}
              </p>
            )}
          </>
        )}
      </div>
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          if (name === "confirm") {
            saving.mutate(newKey());
          } else {
            setStep(step + 1);
          }
        }}
      >
        <div className="buttons">
          {step > 0 && (
            <Button className="button" onPress={() => setStep(step - 1)}>
              {texts.back}
            </Button>
          )}
          <Button className="button primary" type="submit" isDisabled={!ready}>
            {name === "confirm" ? texts.confirm : texts.next}
          </Button>
        </div>
      </Form>
    </Window>
  );
}
