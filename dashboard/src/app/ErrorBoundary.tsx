import { Component, type ReactNode } from "react";
import { Button } from "react-aria-components";

import { useAppTexts } from "./texts";

/** What a page that failed leaves: a word, and a way on. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const texts = useAppTexts();
  return (
    <main className="notice" role="alert">
      <p>{texts.broken}</p>
      <Button className="button primary" onPress={() => location.reload()}>
        {texts.reload}
      </Button>
    </main>
  );
}
