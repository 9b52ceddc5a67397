/** Writing YAML as sigs.k8s.io/yaml's Marshal. */
import type { WideJson } from '../encode-go-json.ts'
import type { JsonValue } from '../value.ts'

export function encodeYaml(_value: JsonValue | WideJson): string {
  throw new Error('not built')
}
export function jsonToYaml(_text: string): string {
  throw new Error('not built')
}
