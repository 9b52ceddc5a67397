/** A finding, and the default severity of each code. */
import { type Code, codes, type Severity } from '../../inject/index.ts'

export interface Finding {
  readonly severity: Severity
  readonly code: Code
  /** The revision that it refers to; absent for the cluster as a whole. */
  readonly revision?: string
  readonly where: FindingPlace
  /** What was found; it may end with the line of a template and a caret under it. */
  readonly message: string
  readonly expected: string
  readonly fix: string
  /** Findings of the same code, severity and group are reported as one, with all objects. */
  readonly group?: string
  /** All objects of a group, if there are several. */
  readonly objects?: readonly string[]
}

export interface FindingPlace {
  /** `ConfigMap istio-system/istio-canary`, `Namespace shop`, a file. */
  readonly object: string
  /** For a ConfigMap. */
  readonly key?: string
  /** For the key `config`. */
  readonly template?: string
  /** For a field, below the key: `defaultConfig.tracing`. */
  readonly path?: string
  /** 1-based; in the template if one is named, else in the key. */
  readonly line?: number
}

export interface FindingFacts {
  readonly where: FindingPlace
  readonly message: string
  readonly expected: string
  readonly revision?: string | undefined
  /** Overrides the severity in the table of codes. */
  readonly severity?: Severity | undefined
  readonly fix?: string | undefined
  readonly group?: string | undefined
}

export function makeFinding(code: Code, facts: FindingFacts): Finding {
  const { where, message, expected, revision, severity, fix, group } = facts
  return {
    severity: severity ?? severityOf(code),
    code,
    ...(revision === undefined ? {} : { revision }),
    where,
    message,
    expected,
    fix: fix ?? fixOf(code),
    ...(group === undefined ? {} : { group }),
  }
}

/** Notes become warnings; everything else would fail in operation. */
function severityOf(code: Code): Severity {
  const row = codes[code]
  if ('severity' in row && row.severity !== undefined) return row.severity
  return row.kind === 'note' ? 'warning' : 'error'
}

function fixOf(code: Code): string {
  const row = codes[code]
  return 'fix' in row && row.fix !== undefined ? row.fix : 'See the cause in the message.'
}

/** `ConfigMap istio-system/istio-canary, key mesh, line 3 (defaultConfig.tracing)`. */
export function describePlace({ object, key, template, path, line }: FindingPlace): string {
  const parts = [
    object,
    ...(key === undefined ? [] : [`key ${key}`]),
    ...(template === undefined ? [] : [`template ${template}`]),
    ...(line === undefined ? [] : [`line ${line}`]),
  ]
  return `${parts.join(', ')}${path === undefined ? '' : ` (${path})`}`
}
