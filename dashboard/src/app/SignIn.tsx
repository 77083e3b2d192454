import { useState, type FormEvent } from "react";
import { Button, Form } from "react-aria-components";

import { useLanguage } from "../i18n/language";
import { Field } from "./controls/Field";
import { Mark } from "./controls/Icon";
import { sessionOf } from "./session";
import { useAppTexts } from "./texts";

interface Props {
  /** Why somebody who was signed in no longer is. */
  expired: boolean;
  onToken(token: string): void;
}

/** For who came without a link. */
export default function SignIn({ expired, onToken }: Props) {
  const texts = useAppTexts();
  const { language, choose } = useLanguage();
  const [wrong, setWrong] = useState(false);
  const [given, setGiven] = useState("");

  function submit(event: FormEvent) {
    event.preventDefault();
    const token = given.trim().replace(/^.*#token=/, "");
    if (sessionOf(token)) {
      onToken(token);
    } else {
      setWrong(true);
    }
  }

  return (
    <main className="sign-in">
      <div>
        <Mark />
        <h1>Clinicwire</h1>
        <p>{expired ? texts.expired : texts.signInTold}</p>
        <Form onSubmit={submit}>
          <Field label={texts.signInLink} value={given} onChange={setGiven} autoComplete="off" isRequired />
          {wrong && <p role="alert">{texts.signInWrong}</p>}
          <Button type="submit" className="button primary">
            {texts.signIn}
          </Button>
        </Form>
      </div>
      <Button className="button quiet" onPress={() => choose(language === "ar" ? "en" : "ar")}>
        <span lang={language === "ar" ? "en" : "ar"}>{texts.language}</span>
      </Button>
    </main>
  );
}
