/**
 * Parses the path of a webhook's URL: the revision or tag, and the environment of the proxy. Works on the raw request
 * target.
 */
import type { RevisionTarget } from '../inject/index.ts'

export interface InjectPath {
  readonly target: RevisionTarget
  /** The format of Istio's injector (parseInjectEnvs, 1.15 and later); values may be empty. */
  readonly proxyEnv: ReadonlyMap<string, string>
}

/** Istio's short names. Any other name is a variable's own name, in capitals. */
const variableOf: ReadonlyMap<string, string> = new Map([
  ['cluster', 'ISTIO_META_CLUSTER_ID'],
  ['net', 'ISTIO_META_NETWORK'],
])

const pattern = /^\/(?:(revisions|tags)\/([^/]+)\/)?inject(?:\/(.*))?$/s

/**
 * `/inject[/k/v...]`, `/revisions/<name>/inject[/k/v...]` or `/tags/<name>/inject[/k/v...]`; a query is ignored.
 * Undefined for any other path. `//` is an empty part. The name is separated before decoding. The part after
 * `inject/` is decoded as a whole and then split, as in Istio, which reads Go's URL.Path: `%2F` separates like a
 * slash.
 */
export function parseInjectPath(rawUrl: string): InjectPath | undefined {
  const query = rawUrl.search(/[?#]/)
  const path = query < 0 ? rawUrl : rawUrl.slice(0, query)
  const found = pattern.exec(path)
  if (found === null) return undefined
  const [, by, name, rest] = found
  const proxyEnv = parseProxyEnv(percentDecode(rest ?? ''))
  if (by === undefined || name === undefined) return { target: { by: 'labels' }, proxyEnv }
  return { target: { by: by === 'tags' ? 'tag' : 'revision', name: percentDecode(name) }, proxyEnv }
}

const NO_ENV: ReadonlyMap<string, string> = new Map()

/** @param rest the part after `/inject/`; one slash at its end is ignored, as in Istio */
function parseProxyEnv(rest: string): ReadonlyMap<string, string> {
  if (rest === '') return NO_ENV
  const text = rest.endsWith('/') ? rest.slice(0, -1) : rest
  const env = new Map<string, string>()
  for (const [key, value] of text.startsWith(':ENV:') ? pairsOfEnvForm(text) : pairsOfPath(text)) {
    const name = variableOf.get(key) ?? toUpperGo(key)
    if (name !== '') env.set(name, value)
  }
  return env
}

/** `:ENV:a=b:ENV:c=`, used by old installations. An entry without a name or without `=` is ignored. */
function* pairsOfEnvForm(text: string): Iterable<readonly [string, string]> {
  for (const pair of text.split(':ENV:').slice(1)) {
    const equals = pair.indexOf('=')
    if (equals > 0) yield [pair.slice(0, equals), pair.slice(equals + 1)]
  }
}

/** `a/b/c/d`; a last name without a value is ignored. */
function* pairsOfPath(text: string): Iterable<readonly [string, string]> {
  const parts = text.split('/')
  for (let i = 0; i + 1 < parts.length; i += 2) {
    // Both indexes are less than the length.
    const [key = '', value = ''] = [parts[i], parts[i + 1]]
    yield [key, value.replaceAll('--slash--', '/')]
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** Bytes that are not UTF-8 become U+FFFD, as when Go writes them into JSON; a `%` without two digits stays. */
function percentDecode(text: string): string {
  if (!text.includes('%')) return text
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) =>
    utf8.decode(Uint8Array.from(run.slice(1).split('%'), (digits) => Number.parseInt(digits, 16))),
  )
}

/**
 * Go's strings.ToUpper maps character by character. A character that would become several, such as sharp s, stays.
 */
function toUpperGo(text: string): string {
  return Array.from(text, (char) => {
    const upper = char.toUpperCase()
    return Array.from(upper).length === 1 ? upper : char
  }).join('')
}
