// What the expressions of one attempt cost together, in the API server's units: every budget is granted here, and what is
// gone from it was spent.
import type { Budget } from '../cel/program.ts';

export type Meter = {
  readonly grant: (total: number) => Budget;
  readonly spent: () => number;
};

export function createMeter(): Meter {
  const budgets: Budget[] = [];
  let granted = 0;
  return {
    grant(total) {
      const budget = { total };
      budgets.push(budget);
      granted += total;
      return budget;
    },
    spent: () => budgets.reduce((left, { total }) => left - total, granted),
  };
}
