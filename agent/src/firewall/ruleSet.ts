/** A rule as `iptables` takes it after `-A <chain>`. */
export type Rule = ReadonlyArray<string>

/** The content of one of our chains: it is exactly these rules, in this order. */
export interface Chain {
  readonly name: string
  readonly rules: ReadonlyArray<Rule>
}

/** Where packets come into our chains: the first rule of a chain that is not ours. */
export interface Jump {
  readonly from: string
  readonly rule: Rule
}

export interface RuleSet {
  readonly program: "iptables" | "ip6tables"
  readonly chains: ReadonlyArray<Chain>
  readonly jumps: ReadonlyArray<Jump>
}
