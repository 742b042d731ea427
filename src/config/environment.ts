// What the environment may say: that no colour is wanted (https://no-color.org).
export function noColorWanted(): boolean {
  return (process.env['NO_COLOR'] ?? '') !== '';
}
