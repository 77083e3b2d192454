import { useCallback, useEffect, useState } from "react";

import { kept } from "./kept";

export type Theme = "light" | "dark";

function preferred(): Theme {
  const own = kept.read("theme");
  if (own === "light" || own === "dark") {
    return own;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Dark or light: the system's, until somebody chooses here. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(preferred);
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  const choose = useCallback((next: Theme) => {
    kept.write("theme", next);
    setTheme(next);
  }, []);
  return [theme, choose];
}
