/** Who wants to hear of one thing; the same function may be there more than once. */
export class Hearers<A extends unknown[]> {
  private readonly all = new Set<{ hear: (...given: A) => void }>();

  /** Tell this one from now on, until the answer is called. */
  add(hear: (...given: A) => void): () => void {
    const entry = { hear };
    this.all.add(entry);
    return () => void this.all.delete(entry);
  }

  /** Tell everyone; who throws keeps nobody else from hearing. */
  tell(...given: A): void {
    for (const { hear } of [...this.all]) {
      try {
        hear(...given);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
