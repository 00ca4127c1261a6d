/** What can be read of the date of a step, which is known ahead. */
export const CALENDAR = { weekday: 'day of the week', hour: 'time of day', year: 'time of the year' } as const;

export type CalendarFeature = keyof typeof CALENDAR;
