/** Parsers of option values, each with its error text. */
import { compileSelector, KubeError, type LabelPredicate, parseSelectorText } from '../kube/index.ts'
import { didYouMean } from '../nearest-name.ts'
import { PERCENT_EXPECTED, readPercent } from '../rollout/index.ts'

/** The value, or what was expected (text that follows "is not"). */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly expected: string }

const good = <T>(value: T): Parsed<T> => ({ ok: true, value })
const bad = (expected: string): { readonly ok: false; readonly expected: string } => ({ ok: false, expected })

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
])
/** The largest delay of setTimeout; a longer one would fire at once. */
const MAX_DURATION_MS = 2 ** 31 - 1

/** `120s`, `1m30s`, `500ms`, `0`: a sum of numbers with units, as Go writes durations; in milliseconds. */
export function parseDurationMs(text: string): Parsed<number> {
  const expected = 'a duration such as 500ms, 120s or 1m30s'
  if (text === '0') return good(0)
  // Sticky: one attempt at each part, so that the work is linear in the text.
  const part = /(\d+(?:\.\d+)?)(ms|s|m|h)/y
  let total = 0
  do {
    const [, amount, unit = ''] = part.exec(text) ?? []
    if (amount === undefined) return bad(expected)
    total += Number(amount) * (UNIT_MS.get(unit) ?? Number.NaN)
  } while (part.lastIndex < text.length)
  if (!(total <= MAX_DURATION_MS)) return bad(`${expected}, at most 24 days`)
  return good(Math.round(total))
}

const BYTE_UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
])

/** `8388608`, `8Mi`, `8MiB`, `8M`: Kubernetes' suffixes, an optional B. */
export function parseBytes(text: string): Parsed<number> {
  const match = /^(\d+)([kMG]|[KMG]i)?B?$/.exec(text)
  const value =
    match === null ? Number.NaN : Number(match[1]) * (BYTE_UNITS.get(match[2] ?? '') ?? Number.NaN)
  return Number.isSafeInteger(value) && value > 0 ? good(value) : bad('a size such as 8Mi or 8388608')
}

/** As parseBytes, or 0. */
export function parseBytesOrNone(text: string): Parsed<number> {
  const parsed = text === '0' ? good(0) : parseBytes(text)
  return parsed.ok ? parsed : bad('0 or a size such as 8Mi or 8388608')
}

/** A whole number within bounds, both included. */
export function parseInteger(min: number, max: number): (text: string) => Parsed<number> {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    return value >= min && value <= max ? good(value) : bad(`a whole number from ${min} to ${max}`)
  }
}

export function parseText(text: string): Parsed<string> {
  return text === '' ? bad('a non-empty value') : good(text)
}

export function parseChoice<const T extends string>(choices: readonly T[]): (text: string) => Parsed<T> {
  return (text) => {
    const found = choices.find((choice) => choice === text)
    return found === undefined ? bad(`one of ${choices.join(', ')}${didYouMean(text, choices)}`) : good(found)
  }
}

const DRY_RUNS = ['none', 'server'] as const

export function parseDryRun(text: string): Parsed<(typeof DRY_RUNS)[number]> {
  if (text === 'client')
    return bad('none or server: what can be checked without the API server is always checked')
  return parseChoice(DRY_RUNS)(text)
}

/** Some of the choices, separated by commas, without duplicates. */
export function parseChoices<const T extends string>(
  choices: readonly T[],
): (text: string) => Parsed<readonly T[]> {
  return (text) => {
    const words = [...new Set(text.split(',').map((word) => word.trim()))]
    const found = words.flatMap((word) => choices.filter((choice) => choice === word))
    if (found.length === words.length) return good(found)
    const wrong = words.find((word) => !choices.some((choice) => choice === word)) ?? ''
    const hint = wrong === text ? '' : ` (${JSON.stringify(wrong)} is not one of them)`
    return bad(
      `one or more of ${choices.join(', ')}, separated by commas${hint}${didYouMean(wrong, choices)}`,
    )
  }
}

/** An option without a value on the command line; `=false`, or `false` in the environment, turns it off. */
export function parseFlag(text: string): Parsed<boolean> {
  if (text === '' || text === 'true') return good(true)
  return text === 'false' ? good(false) : bad('true or false')
}

/** A revision name is a DNS label. `1.6.8` is a version, not a revision. */
const REVISION = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/

/** `[REV:]K=V` of `--istiod-env`: for one revision (`default` for the one without a suffix), or for all. */
export interface RevisionEnv {
  readonly revision: string | undefined
  readonly name: string
  readonly value: string
}

export function parseRevisionEnv(text: string): Parsed<RevisionEnv> {
  const match = /^(?:([^:=]*):)?([A-Za-z_][A-Za-z0-9_.-]*)=([\s\S]*)$/.exec(text)
  if (match === null) return bad('[REVISION:]NAME=VALUE, such as canary:ENABLE_NATIVE_SIDECARS=true')
  const [, revision, name = '', value = ''] = match
  if (revision !== undefined && !REVISION.test(revision)) return bad(revisionHint(revision))
  return good({ revision, name, value })
}

/** `[REV:]X.Y.Z` of `--istio-version`. */
export interface RevisionVersion {
  readonly revision: string | undefined
  readonly version: string
}

export function parseRevisionVersion(text: string): Parsed<RevisionVersion> {
  const colon = text.indexOf(':')
  const revision = colon < 0 ? undefined : text.slice(0, colon)
  const version = text.slice(colon + 1)
  if (revision !== undefined && !REVISION.test(revision)) return bad(revisionHint(revision))
  if (!/^\d{1,4}\.\d{1,4}(?:\.\d{1,4})?(?:[-+][0-9A-Za-z.+-]+)?$/.test(version)) {
    return bad('[REVISION:]X.Y.Z, such as 1.30.3 or canary:1.31.0')
  }
  return good({ revision, version })
}

export function parseRevision(text: string): Parsed<string> {
  return REVISION.test(text) ? good(text) : bad(revisionHint(text))
}

function revisionHint(revision: string): string {
  const dashed = revision.replaceAll('.', '-')
  const hint = REVISION.test(dashed) && dashed !== revision ? `; did you mean ${dashed}?` : ''
  return `a revision name of lower-case letters, digits and dashes${hint}`
}

/** kubectl's `-l`, as a predicate on labels. */
export function parseSelector(text: string): Parsed<LabelPredicate> {
  try {
    return good(compileSelector(parseSelectorText(text)))
  } catch (error) {
    if (error instanceof KubeError) return bad(`a label selector: ${error.message}`)
    throw error
  }
}

export interface ObjectName {
  readonly namespace: string
  readonly name: string
}

/** A DNS subdomain. */
function isObjectName(name: string): boolean {
  return name.length <= 253 && name.split('.').every((label) => REVISION.test(label))
}

/** `NAMESPACE/NAME`. */
export function parseObjectName(text: string): Parsed<ObjectName> {
  const [namespace = '', name = '', ...rest] = text.split('/')
  const fits = rest.length === 0 && REVISION.test(namespace) && isObjectName(name)
  return fits ? good({ namespace, name }) : bad('NAMESPACE/NAME, such as istio-system/remora')
}

/** Several `NAMESPACE/NAME`, separated by commas, without duplicates. */
export function parseObjectNames(text: string): Parsed<readonly ObjectName[]> {
  const found = new Map<string, ObjectName>()
  for (const word of text.split(',').map((one) => one.trim())) {
    const parsed = parseObjectName(word)
    if (!parsed.ok) return bad(`${parsed.expected}, several separated by commas`)
    found.set(word, parsed.value)
  }
  return good([...found.values()])
}

/** Object names, separated by commas, without duplicates. */
export function parseNames(text: string): Parsed<readonly string[]> {
  const names = [...new Set(text.split(',').map((name) => name.trim()))]
  const wrong = names.find((name) => !isObjectName(name))
  return wrong === undefined
    ? good(names)
    : bad(`object names separated by commas${wrong === '' ? '' : `; ${JSON.stringify(wrong)} is not one`}`)
}

/** Namespace names, separated by commas, without duplicates, in their order. */
export function parseNamespaces(text: string): Parsed<readonly string[]> {
  const names = [...new Set(text.split(',').map((name) => name.trim()))]
  const wrong = names.find((name) => !REVISION.test(name))
  return wrong === undefined
    ? good(names)
    : bad(
        `namespace names separated by commas, such as istio-system,mesh${wrong === '' ? '' : `; ${JSON.stringify(wrong)} is not one`}`,
      )
}

/** One percentage with at most two decimals, as it is written. */
export function parsePercent(text: string): Parsed<string> {
  return readPercent(text) === undefined ? bad(PERCENT_EXPECTED) : good(text)
}

/** Increasing percentages, separated by commas. */
export function parsePercents(text: string): Parsed<readonly string[]> {
  const percents = text.split(',').map((one) => one.trim())
  const slots = percents.map(readPercent)
  const increasing = slots.every((one, i) => one !== undefined && one > (slots[i - 1] ?? 0))
  return increasing ? good(percents) : bad('increasing percentages separated by commas, such as 5,25,100')
}
