/** The ways to read YAML, as sigs.k8s.io/yaml v1.3 to v1.6 (go-yaml v2 inside) reads it. */
import { JsonError } from '../error.ts'
import type { MutableJson } from '../value.ts'
import type { YamlLimits } from './limits.ts'

export interface ParseYamlOptions {
  /** Named in errors: the file, annotation or ConfigMap key. */
  readonly source?: string
  /** Each limit left out has its default (DEFAULT_YAML_LIMITS). */
  readonly limits?: Partial<YamlLimits>
}

export interface YamlDocument {
  readonly value: MutableJson
  /** 1-based line of the text on which the document's content starts. */
  readonly line: number
}

export function parseYaml(_text: string | Uint8Array, _options: ParseYamlOptions = {}): MutableJson {
  throw new JsonError('yaml-syntax', 'not built')
}
export function yamlToJson(_text: string | Uint8Array, _options: ParseYamlOptions = {}): string {
  throw new JsonError('yaml-syntax', 'not built')
}
export function readYamlDocuments(
  _text: string | Uint8Array,
  _options: ParseYamlOptions = {},
): YamlDocument[] {
  throw new JsonError('yaml-syntax', 'not built')
}
export function parseYamlStringMap(
  _text: string | Uint8Array,
  _options: ParseYamlOptions = {},
): { [key: string]: string } | null {
  throw new JsonError('yaml-syntax', 'not built')
}
export function parseYamlStringList(
  _text: string | Uint8Array,
  _options: ParseYamlOptions = {},
): string[] | null {
  throw new JsonError('yaml-syntax', 'not built')
}
