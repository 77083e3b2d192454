import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button, Checkbox, Form } from "react-aria-components";

import type { PatientCard, Visit } from "@contracts";

import { doctorsQuery, servicesQuery } from "../api/queries";
import { newKey } from "../api/request";
import { Choice } from "../app/controls/Choice";
import { Field } from "../app/controls/Field";
import { Icon } from "../app/controls/Icon";
import { Window } from "../app/controls/Window";
import { useHere, useSignedIn } from "../app/signedIn";
import { tell, useReason } from "../app/toasts";
import { PatientPicker } from "./PatientPicker";
import { useReceptionTexts } from "./texts";

/** The priority of who can't wait for their turn; everybody else has 0. */
const URGENT = 5;

/** Gives a ticket to a patient without an appointment. */
export default function WalkInWindow({ onClose }: { onClose(): void }) {
  const { api } = useSignedIn();
  const { clinic } = useHere();
  const texts = useReceptionTexts();
  const reason = useReason();
  const doctors = useQuery(doctorsQuery(api, clinic)).data ?? [];
  const services = useQuery(servicesQuery(api, clinic)).data ?? [];
  const [patient, setPatient] = useState<PatientCard>();
  const [doctor, setDoctor] = useState<number>();
  const [service, setService] = useState<number>();
  const [urgent, setUrgent] = useState(false);
  const [notes, setNotes] = useState("");
  // Where there is one only, nobody has to choose.
  const doctorId = doctor ?? (doctors.length === 1 ? doctors[0]?.id : undefined);
  const serviceId = service ?? (services.length === 1 ? services[0]?.id : undefined);

  const adding = useMutation({
    mutationFn: (key: string) =>
      api.ask<{ visit: Visit; queue_number: number }>("POST", "/queue/walkin", {
        body: {
          patient_id: patient?.id,
          clinic_id: clinic,
          doctor_id: doctorId,
          service_id: serviceId,
          priority: urgent ? URGENT : 0,
          ...(notes.trim() && { notes: notes.trim() }),
        },
        key,
      }),
    onSuccess: ({ body }) => {
      tell({ tone: "done", title: texts.ticketGiven(body.queue_number, patient?.name ?? "") });
      onClose();
    },
  });

  return (
    <Window title={texts.walkInTitle} isOpen onClose={onClose}>
      <PatientPicker patient={patient} onPatient={setPatient} />
      {patient && (
        <Form
          onSubmit={(event) => {
            event.preventDefault();
            adding.mutate(newKey());
          }}
        >
          <div className="pair">
            <Choice
              label={texts.doctor}
              options={doctors.map(({ id, name, specialty }) => ({ id, name, detail: specialty ?? undefined }))}
              value={doctorId ?? null}
              onChange={(id) => setDoctor(Number(id))}
              placeholder={texts.choose}
              isRequired
            />
            <Choice
              label={texts.service}
              options={services.map(({ id, name, duration, price }) => ({
                id,
                name,
                detail: texts.serviceDetail(duration, price),
              }))}
              value={serviceId ?? null}
              onChange={(id) => setService(Number(id))}
              placeholder={texts.choose}
              isRequired
            />
          </div>
          <Field label={texts.notes} value={notes} onChange={setNotes} maxLength={500} />
          <Checkbox className="check" isSelected={urgent} onChange={setUrgent}>
            <span className="box">
              <Icon name="check" />
            </span>
            {texts.urgent}
          </Checkbox>
          {adding.isError && (
            <p role="alert" className="told">
              {reason(adding.error)}
            </p>
          )}
          <div className="buttons">
            <Button
              className="button primary"
              type="submit"
              isDisabled={adding.isPending || doctorId === undefined || serviceId === undefined}
            >
              {texts.addWalkIn}
            </Button>
          </div>
        </Form>
      )}
    </Window>
  );
}
