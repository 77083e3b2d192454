/** What this browser remembers between visits: nothing about people. */
export const kept = {
  read(name: string): string | null {
    try {
      return localStorage.getItem(`clinicwire.${name}`);
    } catch {
      return null; // a browser may forbid it
    }
  },
  write(name: string, value: string): void {
    try {
      localStorage.setItem(`clinicwire.${name}`, value);
    } catch {
      // Then it is as on the first visit next time.
    }
  },
};
