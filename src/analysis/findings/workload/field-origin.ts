/** Which template, expression and value stand behind a field that Kubernetes refuses, for messages. */
import { findLineCause, type SourceFacts, type TemplatePlace } from '../../../inject/index.ts'
import type { JsonObject } from '../../../json/index.ts'
import type { PodProblem } from '../../../kube/index.ts'
import { podFields } from '../../explain/pod-fields.ts'
import { withoutLastStep } from '../../explain/provenance.ts'
import type { WrittenField } from '../../explain/template-lines.ts'

export interface FieldOrigin {
  /** For the end of a message. */
  readonly text: string
  readonly place: TemplatePlace
}

export interface FieldFacts {
  /** Of all templates, by path. */
  readonly written: ReadonlyMap<string, WrittenField>
  readonly before: JsonObject
  readonly values: SourceFacts['values']
}

/** undefined: no template wrote the field, or the pod itself sets it, which takes precedence. */
export function findFieldOrigin(
  { path, fields = [path] }: PodProblem,
  { written, before, values }: FieldFacts,
): FieldOrigin | undefined {
  const own = podFields(before)
  const found = fields
    .filter((field) => !isBelow(field, own.keys()))
    .flatMap((field) => writerOf(field, written) ?? [])
  const lines = [...new Map(found.map((one) => [`${one.template} ${one.outputLine}`, one])).values()]
  const [first] = lines
  if (first === undefined) return undefined
  const facts = { pod: before, values }
  const texts = lines.map(
    ({ template, output, outputLine }) =>
      `in template ${template}, ${findLineCause(output, outputLine, facts).text}`,
  )
  return { text: texts.join('; '), place: { template: first.template, line: first.line } }
}

/** The field itself, the first one that it contains, or the list or map on one line that contains it. */
function writerOf(field: string, written: ReadonlyMap<string, WrittenField>): WrittenField | undefined {
  const exact = written.get(field)
  if (exact !== undefined) return exact
  for (const [path, one] of written) if (contains(field, path)) return one
  for (let part = withoutLastStep(field); part !== ''; part = withoutLastStep(part)) {
    const around = written.get(part)
    if (around !== undefined) return around
  }
  return undefined
}

function isBelow(field: string, paths: Iterable<string>): boolean {
  for (const path of paths) if (path === field || contains(field, path)) return true
  return false
}

function contains(field: string, path: string): boolean {
  return path.startsWith(field) && /^[.[{]/.test(path.slice(field.length))
}
