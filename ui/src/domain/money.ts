import { formatMoney, hoursPerMonth } from "@skypanel/contract/Price"

/** Both prices of something: money is always shown by the hour and by the month. */
export const formatPrice = (hourlyMicroDollars: number): { hour: string; month: string } => ({
  hour: formatMoney(hourlyMicroDollars, 4),
  month: formatMoney(hourlyMicroDollars * hoursPerMonth, 2),
})
