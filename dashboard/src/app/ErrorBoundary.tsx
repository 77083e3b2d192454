import { Component, type ReactNode } from "react";
import { Button } from "react-aria-components";

import { useAppTexts } from "./texts";

interface Props {
  children: ReactNode;
  /** What is shown in place of what failed; a word and a way on where nothing is said. */
  instead?: ReactNode;
}

/** Keeps what fails in it from taking the rest of the screen with it. */
export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    const { children, instead = <Broken /> } = this.props;
    return this.state.failed ? instead : children;
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
