/**
 * What the path of a webhook's URL says: which revision or tag is asked, and the environment of the proxy that the
 * rest of it carries. Works on the request target as it stood in the request line; which server listens where is
 * not its business.
 */
import type { RevisionTarget } from '../inject/index.ts'

export interface InjectPath {
  readonly target: RevisionTarget
  /** As Istio's injector reads it (parseInjectEnvs, 1.15 and later); values may be empty. */
  readonly proxyEnv: ReadonlyMap<string, string>
}

/** Short names of Istio's; any other name is a variable's own, in capitals. */
const variableOf: ReadonlyMap<string, string> = new Map([
  ['cluster', 'ISTIO_META_CLUSTER_ID'],
  ['net', 'ISTIO_META_NETWORK'],
])

const pattern = /^\/(?:(revisions|tags)\/([^/]+)\/)?inject(?:\/(.*))?$/s

/**
 * `/inject[/k/v...]`, `/revisions/<name>/inject[/k/v...]` or `/tags/<name>/inject[/k/v...]`, a query left aside;
 * undefined for any other path. `//` stays an empty part. The name is split off before it is decoded; what follows
 * `inject/` is decoded whole and split then, as Istio does, who reads Go's URL.Path: `%2F` divides like a slash.
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

/** @param rest what follows `/inject/`; one slash at its end is not counted, as in Istio */
function parseProxyEnv(rest: string): ReadonlyMap<string, string> {
  const text = rest.endsWith('/') ? rest.slice(0, -1) : rest
  const env = new Map<string, string>()
  for (const [key, value] of text.startsWith(':ENV:') ? pairsOfEnvForm(text) : pairsOfPath(text)) {
    const name = variableOf.get(key) ?? toUpperGo(key)
    if (name !== '') env.set(name, value)
  }
  return env
}

/** `:ENV:a=b:ENV:c=`, which old installations use; without a name or without `=` it is passed over. */
function* pairsOfEnvForm(text: string): Iterable<readonly [string, string]> {
  for (const pair of text.split(':ENV:').slice(1)) {
    const equals = pair.indexOf('=')
    if (equals > 0) yield [pair.slice(0, equals), pair.slice(equals + 1)]
  }
}

/** `a/b/c/d`; a last name without a value is passed over. */
function* pairsOfPath(text: string): Iterable<readonly [string, string]> {
  const parts = text.split('/')
  for (let i = 0; i + 1 < parts.length; i += 2) {
    // Both indexes are below the length.
    const [key = '', value = ''] = [parts[i], parts[i + 1]]
    yield [key, value.replaceAll('--slash--', '/')]
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** Bytes that are no UTF-8 become U+FFFD, as Go writes them into JSON; a `%` without two digits stays. */
function percentDecode(text: string): string {
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) =>
    utf8.decode(Uint8Array.from(run.slice(1).split('%'), (digits) => Number.parseInt(digits, 16))),
  )
}

/** Go's strings.ToUpper maps character by character: what would become several, such as a sharp s, stays. */
function toUpperGo(text: string): string {
  return Array.from(text, (char) => {
    const upper = char.toUpperCase()
    return Array.from(upper).length === 1 ? upper : char
  }).join('')
}
