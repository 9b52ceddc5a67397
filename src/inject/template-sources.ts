/** What a person can change of the data that a template's expression reads. For messages. */
import type { DataPath, KeyFunctions, WrittenExpression } from '../gotemplate/index.ts'
import { isObject, type JsonValue, own } from '../json/index.ts'
import { metadataOf } from '../kube/index.ts'
import { visibleText } from '../visible-text.ts'
import type { TemplateFacts } from './data/template-data.ts'

/** Istio's and sprig's functions that read the key of a map. */
export const KEY_FUNCTIONS: KeyFunctions = new Map([
  ['annotation', ['Annotations']],
  ['isset', []],
  ['get', []],
])

export type SourceFacts = Pick<TemplateFacts, 'pod' | 'values'>

export interface TemplateSource {
  readonly kind: 'values key' | 'pod annotation' | 'pod label'
  /** `global.proxy.includeIPRanges`, `sidecar.istio.io/proxyCPU`. */
  readonly name: string
  /** undefined: it is missing. */
  readonly value: JsonValue | undefined
}

/** The sources of an expression, without those that are known to have nothing to do with what it wrote. */
export function sourcesOf(
  { reads, start, end }: WrittenExpression,
  output: string,
  facts: SourceFacts,
): readonly TemplateSource[] {
  const all = allSources(reads, facts)
  const written = output.slice(start, end)
  const shown = all.flatMap(items).filter(({ value }) => isShown(value, written))
  if (shown.length > 0) return shown
  const present = all.filter(({ value }) => value !== undefined)
  return present.length > 0 ? present : all
}

/** Keys of the values that an expression reads and that are missing or null. */
export function missingKeys({ reads }: WrittenExpression, facts: SourceFacts): readonly string[] {
  return allSources(reads, facts)
    .filter(({ kind, value }) => kind === 'values key' && (value ?? null) === null)
    .map(({ name }) => name)
}

export function describeSource({ kind, name }: TemplateSource): string {
  return kind === 'values key' ? `${name} of the values` : `the ${kind} ${name}`
}

/** The longest expression that a message shows whole. */
const LONGEST_EXPRESSION = 160

/** `{{ .Values.global.hub }}`. */
export function describeExpression({ expression }: WrittenExpression): string {
  const line = visibleText(expression)
  const shown =
    line.length <= LONGEST_EXPRESSION ? line : `${line.slice(0, LONGEST_EXPRESSION - 3).toWellFormed()}...`
  return `{{ ${shown} }}`
}

/** The most items of a list or map that are looked at. */
const MAX_ITEMS = 64

/** `global.*`: each item, because one of them may be what the expression wrote. */
function items(source: TemplateSource): readonly TemplateSource[] {
  const { name, value } = source
  if (!name.endsWith('.*') || typeof value !== 'object' || value === null) return [source]
  return Object.entries(value)
    .slice(0, MAX_ITEMS)
    .map(([key, item]) => ({ ...source, name: `${name.slice(0, -1)}${key}`, value: item }))
}

function isShown(value: JsonValue | undefined, written: string): boolean {
  if (typeof value === 'string') return value !== '' && written.includes(value)
  return typeof value === 'number' && written.includes(String(value))
}

function allSources(reads: readonly DataPath[], { pod, values }: SourceFacts): readonly TemplateSource[] {
  return reads.flatMap((path): readonly TemplateSource[] => {
    const [root, field, ...rest] = path
    const key = rest.join('.')
    if (root === 'Values' && field !== undefined)
      return [{ kind: 'values key', name: path.slice(1).join('.'), value: valueAt(values, path.slice(1)) }]
    if (root !== 'ObjectMeta' || key === '') return []
    const metadata = metadataOf(pod)
    if (field === 'Annotations')
      return [{ kind: 'pod annotation', name: key, value: valueAt(own(metadata, 'annotations'), [key]) }]
    if (field === 'Labels')
      return [{ kind: 'pod label', name: key, value: valueAt(own(metadata, 'labels'), [key]) }]
    return []
  })
}

function valueAt(root: JsonValue | undefined, path: readonly string[]): JsonValue | undefined {
  let value = root
  for (const key of path) {
    // Of the items of a list, any may be meant.
    if (key === '*') return value
    value = isObject(value) ? own(value, key) : undefined
  }
  return value
}
