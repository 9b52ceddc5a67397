/** Annotations whose JSON a template reads: why one that is not JSON makes the template fail, in words for its author. */
import { JsonError, type JsonObject, type JsonValue, parseJson } from '../json/index.ts'
import { annotationOf } from '../kube/index.ts'

/** What Istio's templates expect in each. */
const EXPECTED: ReadonlyMap<string, string> = new Map([
  ['sidecar.istio.io/userVolume', 'a JSON list of volumes, such as [{"name": "data", "emptyDir": {}}]'],
  [
    'sidecar.istio.io/userVolumeMount',
    'a JSON list of volume mounts, such as [{"name": "data", "mountPath": "/data"}]',
  ],
])

/** `a JSON list of volumes, such as ...`; undefined for an annotation that is not read as JSON. */
export function expectedJson(annotation: string): string | undefined {
  return EXPECTED.get(annotation)
}

/** Those that a line of a template names and that are no list or map, each in a sentence; empty if there are none. */
export function wrongJsonOf(line: string, pod: JsonObject): readonly string[] {
  return [...EXPECTED].flatMap(([name, expected]) => {
    const text = namesWhole(line, name) ? annotationOf(pod, name) : undefined
    const found = text === undefined ? undefined : whatIsWrong(text)
    return found === undefined ? [] : [`annotation ${name} ${found}; expected ${expected}`]
  })
}

/** `userVolume` is also the beginning of `userVolumeMount`. */
function namesWhole(line: string, name: string): boolean {
  for (let at = line.indexOf(name); at >= 0; at = line.indexOf(name, at + 1))
    if (!/\w/.test(line.charAt(at + name.length))) return true
  return false
}

function whatIsWrong(text: string): string | undefined {
  let value: JsonValue
  try {
    value = parseJson(text)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    return `is not JSON: ${error.message}`
  }
  return typeof value === 'object' && value !== null ? undefined : 'is JSON without a list or a map'
}
