/** The text of `remora explain --fields`: where each injected field comes from. */
import type { FieldSource, Input, Provenance } from '../analysis/index.ts'
import type { JsonValue } from '../json/index.ts'
import type { Paint } from './paint.ts'
import { type TextPart, text } from './text.ts'

export function provenanceLines(
  { fields, replaced, withheld, overrides }: Provenance,
  paint: Paint,
): readonly TextPart[] {
  const sourced = fields.filter(({ inputs }) => inputs.length > 0)
  const constants = fields.length - sourced.length
  const lines: TextPart[] = [paint.bold('Origin of the fields')]
  for (const field of sourced) {
    lines.push(
      `  ${field.path}: ${shown(field.value)}`,
      `         ${field.inputs.map(inputText).join(', ')}${lineText(field)}`,
    )
  }
  lines.push(paint.dim(`  ${constants} other fields are constants of the templates and the injector`))
  for (const { path, before, after } of replaced)
    lines.push(
      text`  the pod's own ${path} ${paint.bad('is replaced')}: ${shown(before)} -> ${after === undefined ? 'removed' : shown(after)}`,
    )
  for (const { path, value, input } of withheld)
    lines.push(`  ${path} would be ${shown(value)} without ${inputText(input)}`)
  for (const { path, wanted, got, survived } of overrides) {
    lines.push(
      survived
        ? text`  the pod's own ${path} ${paint.good('is kept')}: ${shown(wanted)}`
        : text`  the pod's own ${path} ${paint.bad('is replaced')}: ${shown(wanted)} -> ${got === undefined ? 'removed' : shown(got)}`,
    )
  }
  return lines
}

function inputText({ kind, name }: Input): string {
  return `${kind} ${name}`
}

function lineText({ line }: FieldSource): string {
  return line === undefined ? '' : `; template ${line.template}, line ${line.line}`
}

const LONGEST = 100

function shown(value: JsonValue): string {
  const text = JSON.stringify(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}...` : text
}
