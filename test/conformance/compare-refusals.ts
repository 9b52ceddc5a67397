/**
 * Whether two refusals mean the same: they name the same annotations, value or cause. The wording may differ, and ours
 * says more.
 */
import { isCode } from '../../src/inject/index.ts'

export function refusalNamesSame(recorded: string, ours: string): boolean {
  const expected = withoutCode(recorded)
  const annotations = namesOf(expected)
  if (annotations.size > 0) {
    const found = namesOf(ours)
    return annotations.size === found.size && [...annotations].every((name) => found.has(name))
  }
  return tokens(expected).every((token) => ours.includes(token))
}

/** Answers that Remora itself gave end in their code. */
function withoutCode(message: string): string {
  const code = / \[([a-z-]+)\]$/.exec(message)?.[1]
  return code !== undefined && isCode(code) ? message.slice(0, -` [${code}]`.length) : message
}

function namesOf(message: string): ReadonlySet<string> {
  return new Set(Array.from(message.matchAll(/for annotation '([^']+)'/g), (match) => match[1] ?? ''))
}

/** What a message of Istio's is about. */
function tokens(message: string): readonly string[] {
  const template = /requested template ("[^"]*") not found/.exec(message)
  if (template !== null) return [template[1] ?? '']
  const execution = /executing "inject" at <(.*?)>: (.*)$/s.exec(message)
  if (execution !== null) return [execution[1] ?? '', execution[2] ?? '']
  const field = /Go struct field \S*?([A-Za-z]+) of type/.exec(message)
  if (field !== null) return [field[1] ?? '']
  if (message.includes('quantities must match')) return ['expected a quantity']
  const port =
    /invalid prometheus scrape (?:targets|configuration): .*?port (.+?)(?: conflicts| is reserved|$)/s.exec(
      message,
    )
  if (port !== null) return ['invalid prometheus scrape', (port[1] ?? '').replace(/^"|"$/g, '')]
  // What a template wrote is no YAML; Istio finds it no JSON either and says no more.
  if (message.endsWith('strategic merge: invalid JSON document')) return ['output of template']
  // The only text that Istio decodes as JSON without saying which.
  if (/^failed to run injection template: (invalid character|unexpected end of JSON)/.test(message)) {
    return ['proxy.istio.io/overrides']
  }
  return [message.slice(message.lastIndexOf(': ') + 2)]
}
