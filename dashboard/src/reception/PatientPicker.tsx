import { useMutation, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { Button, Form, GridList, GridListItem, Input, Label, SearchField } from "react-aria-components";

import type { PatientCard } from "@contracts";

import { patientsQuery } from "../api/queries";
import { newKey } from "../api/request";
import { Choice } from "../app/controls/Choice";
import { Field } from "../app/controls/Field";
import { Icon } from "../app/controls/Icon";
import { useHere, useSignedIn } from "../app/signedIn";
import { useReason } from "../app/toasts";
import { useReceptionTexts } from "./texts";

interface Props {
  patient: PatientCard | undefined;
  onPatient(patient: PatientCard | undefined): void;
}

/** Finds a patient by name or telephone, or registers a new one. */
export function PatientPicker({ patient, onPatient }: Props) {
  const texts = useReceptionTexts();
  const [typed, setTyped] = useState("");
  const [isNew, setNew] = useState(false);
  if (patient) {
    return (
      <div className="field">
        <span className="label">{texts.patient}</span>
        <div className="picked">
          <span dir="auto">
            <strong>{patient.name}</strong> <small dir="ltr">{patient.phone}</small>
          </span>
          <Button className="button quiet small" onPress={() => onPatient(undefined)}>
            {texts.change}
          </Button>
        </div>
      </div>
    );
  }
  return isNew ? (
    <NewPatient typed={typed} onPatient={onPatient} onBack={() => setNew(false)} />
  ) : (
    <PatientSearch typed={typed} onType={setTyped} onPatient={onPatient} onNew={() => setNew(true)} />
  );
}

interface SearchProps {
  typed: string;
  onType(typed: string): void;
  onPatient(patient: PatientCard): void;
  onNew(): void;
}

function PatientSearch({ typed, onType, onPatient, onNew }: SearchProps) {
  const { api } = useSignedIn();
  const texts = useReceptionTexts();
  const wanted = useDeferredValue(typed.trim());
  const { data: patients = [], isFetched } = useQuery(patientsQuery(api, wanted));
  const asked = wanted.length >= 2;
  return (
    <div className="field">
      <SearchField className="field search-patient" value={typed} onChange={onType} autoFocus>
        <Label>{texts.patient}</Label>
        <div className="search">
          <Icon name="search" />
          <Input className="input" placeholder={texts.patientSearch} />
        </div>
      </SearchField>
      <GridList
        className="list found"
        aria-label={texts.patient}
        items={asked ? patients : []}
        onAction={(key) => {
          const chosen = patients.find(({ id }) => id === key);
          if (chosen) {
            onPatient(chosen);
          }
        }}
        renderEmptyState={() => (
          <p className="empty">{asked && isFetched ? texts.nobodyFound : texts.patientHint}</p>
        )}
      >
        {(one) => (
          <GridListItem className="list-item" textValue={one.name}>
            <span dir="auto">{one.name}</span>
            <small dir="ltr">{one.phone}</small>
          </GridListItem>
        )}
      </GridList>
      <Button className="button" onPress={onNew}>
        <Icon name="plus" />
        {texts.newPatient}
      </Button>
    </div>
  );
}

/** What was typed is a number or a name. */
const startOf = (typed: string) =>
  /^[+\d\s]+$/.test(typed.trim()) ? { name: "", phone: typed.trim() } : { name: typed.trim(), phone: "" };

interface NewProps {
  typed: string;
  onPatient(patient: PatientCard): void;
  onBack(): void;
}

function NewPatient({ typed, onPatient, onBack }: NewProps) {
  const { api } = useSignedIn();
  const { clinic } = useHere();
  const texts = useReceptionTexts();
  const reason = useReason();
  const [given, setGiven] = useState(() => ({ ...startOf(typed), age: "", gender: null as "female" | "male" | null }));
  const creating = useMutation({
    mutationFn: () =>
      api.ask<{ patient: PatientCard }>("POST", "/patients", {
        body: {
          name: given.name.trim(),
          phone: given.phone.replace(/[\s-]/g, ""),
          clinic_id: clinic,
          ...(given.age && { age: Number(given.age) }),
          ...(given.gender && { gender: given.gender }),
        },
        key: newKey(),
      }),
    onSuccess: ({ body }) => onPatient(body.patient),
  });
  const set = (name: "name" | "phone" | "age") => (value: string) => setGiven((all) => ({ ...all, [name]: value }));
  return (
    <Form
      onSubmit={(event) => {
        event.preventDefault();
        creating.mutate();
      }}
    >
      <Field label={texts.name} value={given.name} onChange={set("name")} isRequired autoFocus maxLength={100} />
      <div className="pair">
        <Field
          label={texts.phone}
          value={given.phone}
          onChange={set("phone")}
          isRequired
          type="tel"
          inputMode="tel"
          pattern="\+?[0-9 \-]{5,24}"
        />
        <Field label={texts.age} value={given.age} onChange={set("age")} inputMode="numeric" pattern="[0-9]{1,3}" />
        <Choice
          label={texts.gender}
          options={[
            { id: "female", name: texts.female },
            { id: "male", name: texts.male },
          ]}
          value={given.gender}
          onChange={(gender) => setGiven((all) => ({ ...all, gender: gender === "male" ? "male" : "female" }))}
          placeholder={texts.choose}
        />
      </div>
      {creating.isError && (
        <p role="alert" className="told">
          {reason(creating.error)}
        </p>
      )}
      <div className="buttons">
        <Button className="button" onPress={onBack}>
          {texts.backToSearch}
        </Button>
        <Button className="button primary" type="submit" isDisabled={creating.isPending}>
          {texts.create}
        </Button>
      </div>
    </Form>
  );
}
