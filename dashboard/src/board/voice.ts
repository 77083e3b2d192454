/** The most calls that wait to be spoken: with more, the oldest are only shown. */
const WAITING = 5;

/** Makes itself heard: two tones, then the call in words. */
export class Voice {
  private context: AudioContext | undefined;

  /** Whether the browser lets a page that nobody has touched yet be heard. */
  get blocked(): boolean {
    return this.context?.state === "suspended";
  }

  /** Ask the browser for sound; after a press it says yes. */
  async wake(): Promise<void> {
    this.context ??= new AudioContext();
    await this.context.resume();
  }

  /** Two tones, the second lower. */
  chime(): void {
    const { context } = this;
    if (context?.state !== "running") {
      return;
    }
    for (const [number, pitch] of [784, 587].entries()) {
      const start = context.currentTime + number * 0.42;
      const tone = new OscillatorNode(context, { type: "sine", frequency: pitch });
      const loudness = new GainNode(context, { gain: 0 });
      loudness.gain.setValueAtTime(0, start);
      loudness.gain.linearRampToValueAtTime(0.5, start + 0.02);
      loudness.gain.exponentialRampToValueAtTime(0.001, start + 1.1);
      tone.connect(loudness).connect(context.destination);
      tone.onended = () => loudness.disconnect();
      tone.start(start);
      tone.stop(start + 1.2);
    }
  }

  /** Say these, one after another, in the words of a locale. */
  say(calls: readonly string[], locale: string): void {
    if (typeof speechSynthesis === "undefined") {
      return;
    }
    if (speechSynthesis.pending) {
      speechSynthesis.cancel(); // it has fallen behind
    }
    for (const call of calls.slice(-WAITING)) {
      const words = new SpeechSynthesisUtterance(call);
      words.lang = locale;
      words.rate = 0.9;
      speechSynthesis.speak(words);
    }
  }

  /** Be quiet. */
  stop(): void {
    if (typeof speechSynthesis !== "undefined") {
      speechSynthesis.cancel();
    }
    void this.context?.close();
    this.context = undefined;
  }
}
