/** Amounts are in minor units inside (20000), and decimals outside (200.00). */
export function minor(amount: number): number {
  return Math.round(amount * 100);
}

/** Minor units as the routes and the formats take them. */
export function major(units: number): number {
  return units / 100;
}

/** What is wrong with taking an amount and a discount off what remains; undefined when nothing is. */
export function wrongWith(remaining: number, amount: number, discount: number): "tooMuch" | "nothing" | undefined {
  if (amount + discount > remaining) {
    return "tooMuch";
  }
  return amount === 0 && discount < remaining ? "nothing" : undefined;
}
