import type { ExpressionText, ExpressionVersion } from "@skypanel/contract/Expression"
import { call, client } from "./client.ts"

export const readExpressions = (
  organization: string,
  service: string,
  signal?: AbortSignal,
): Promise<readonly ExpressionVersion[]> =>
  call(client.expressions.list({ params: { organization, service } }), signal)

export const readExpression = (
  organization: string,
  service: string,
  number: number,
): Promise<ExpressionText> => call(client.expressions.get({ params: { organization, service, number } }))
