/** Once imported, makes every rule throw that reports an undeclared code, in all tests of the process. Not a test. */
import { type Finding, rules } from '../../../src/analysis/index.ts'

export interface WatchedRule {
  readonly subject: string
  readonly codes: readonly string[]
  find: (...of: never[]) => readonly Finding[]
}

export function watch(rule: WatchedRule): void {
  const { find } = rule
  rule.find = (...of) => {
    const findings = find.apply(rule, of)
    const other = findings.find(({ code }) => !rule.codes.includes(code))
    if (other === undefined) return findings
    throw new Error(`a rule of ${rule.subject} reports ${other.code}, but declares ${rule.codes.join(', ')}`)
  }
}

// The type of the registry allows no write; its objects do.
for (const rule of rules as readonly WatchedRule[]) watch(rule)
