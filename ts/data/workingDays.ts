/** Milliseconds of a day. */
export const DAY = 86_400_000;

/** Whether a time, in milliseconds since 1970 in UTC, is on a day from Monday to Friday. */
export function isWorkingDay(time: number): boolean {
  return ![0, 6].includes(new Date(time).getUTCDay());
}
