/**
 * Which line of which template wrote a field. The templates are compiled again so that they report what each statement
 * wrote, and run once through the ordinary core; then their output is parsed a second time with every value replaced by
 * the number of its line. The field in the pod may still have another value, because merge and post-passes follow.
 */
import { compileTemplate, type TraceSpan } from '../../gotemplate/index.ts'
import { type InjectionRequest, inject, istioFunctions, type RevisionConfig } from '../../inject/index.ts'
import { isObject, type JsonValue, own, parseYaml } from '../../json/index.ts'
import { isList } from '../../kube/index.ts'
import type { Injection } from './input-variants.ts'
import { itemKeys, joinPath } from './pod-fields.ts'
import { countOpen, lengthWithoutQuotes, splitFlowLine, splitLine, startsBlockScalar } from './yaml-line.ts'

export interface TemplateLine {
  readonly template: string
  /** 1-based, in the template's own text. */
  readonly line: number
}

interface Rendered {
  readonly template: string
  readonly text: string
  readonly spans: readonly TraceSpan[]
}

/**
 * By path as pod-fields.ts writes it (without the inner fields of JSON texts). The last of several templates counts.
 */
export function findTemplateLines(injection: Injection): ReadonlyMap<string, TemplateLine> {
  const lines = new Map<string, TemplateLine>()
  for (const one of render(injection, [injection.request])) readLines(one, lines)
  return lines
}

/** The templates are compiled once for all requests. */
function render(
  { snapshot, options, config }: Omit<Injection, 'request'>,
  requests: readonly InjectionRequest[],
): readonly (Rendered & { readonly request: InjectionRequest })[] {
  const found: Rendered[] = []
  const traced = traceTemplates(config, (one) => found.push(one))
  const revision = { name: config.name, namespace: config.namespace, config: traced }
  const revisions = new Map(snapshot.revisions).set(config.name, revision)
  return requests.flatMap((request) => {
    inject(request, { ...snapshot, revisions }, options)
    return found.splice(0).map((one) => ({ ...one, request }))
  })
}

/** What a template wrote, for one pod. */
export interface TemplateOutput {
  readonly template: string
  readonly text: string
  readonly request: InjectionRequest
  /** The template's line that wrote a line of the output, both 1-based; undefined: unknown. */
  lineOf(line: number): number | undefined
}

/** The outputs of all templates that were executed for the requests. */
export function templateOutputs(
  injection: Omit<Injection, 'request'>,
  requests: readonly InjectionRequest[],
): readonly TemplateOutput[] {
  return render(injection, requests).map(({ template, text, spans, request }) => ({
    template,
    text,
    request,
    lineOf: (line) => templateLine(line - 1, lineStarts(text), text, spans),
  }))
}

function traceTemplates(config: RevisionConfig, report: (rendered: Rendered) => void): RevisionConfig {
  const functions = {
    ...config.model.sprig,
    ...istioFunctions({ ...config.model, environment: config.environment }),
  }
  const templates = new Map(config.templates)
  for (const [name, text] of config.injector.templates) {
    let spans: TraceSpan[] = []
    const compiled = compileTemplate({ name, text }, { functions, trace: (span) => spans.push(span) })
    templates.set(name, {
      ...compiled,
      // Specialised templates have no lines.
      residual: () => undefined,
      execute(data, options) {
        spans = []
        const output = compiled.execute(data, options)
        report({ template: name, text: output, spans })
        return output
      },
    })
  }
  return config.with({ templates })
}

/** A text that no template writes. */
const PLACEHOLDER = /^@remora-line-(\d+)@/

function readLines({ template, text, spans }: Rendered, lines: Map<string, TemplateLine>): void {
  const starts = lineStarts(text)
  const [values, placeholders] = [tryYaml(text), tryYaml(replaceValues(text))]
  if (values === undefined || placeholders === undefined) return
  const pair = (value: JsonValue, placeholder: JsonValue | undefined, path: string): void => {
    if (typeof placeholder === 'string') {
      const found = PLACEHOLDER.exec(placeholder)?.[1]
      const line = found === undefined ? undefined : templateLine(Number(found), starts, text, spans)
      if (line !== undefined) lines.set(path, { template, line })
    } else if (isList(value) && isList(placeholder)) {
      const keys = itemKeys(value)
      for (const [index, item] of value.entries()) pair(item, placeholder[index], `${path}[${keys[index]}]`)
    } else if (isObject(value) && isObject(placeholder)) {
      for (const [key, item] of Object.entries(value)) pair(item, own(placeholder, key), joinPath(path, key))
    }
  }
  pair(values, placeholders, '')
}

function tryYaml(text: string): JsonValue | undefined {
  try {
    return parseYaml(text)
  } catch {
    // A placeholder is where no value is (a text over several lines): then the line is unknown.
    return undefined
  }
}

/** The same YAML with every value that ends on its line replaced by the line's number, 0-based. */
function replaceValues(text: string): string {
  let blockIndent: number | undefined
  let open = 0
  return text
    .split('\n')
    .map((line, index) => {
      if (/^\s*(?:#.*)?$/.test(line)) return line
      const indent = line.search(/\S/)
      const placeholder = `@remora-line-${index}@`
      if (blockIndent !== undefined && indent > blockIndent) return `${' '.repeat(indent)}${placeholder}`
      blockIndent = undefined
      const within = open > 0
      const opened = countOpen(line)
      open += opened
      if (within) {
        const flow = opened === 0 ? splitFlowLine(line) : undefined
        return flow === undefined ? line : `${flow.head}"${placeholder}"${flow.end}`
      }
      if (opened > 0) return line
      if (startsBlockScalar(line)) {
        blockIndent = indent
        return line
      }
      const { head = '', value = '' } = splitLine(line) ?? {}
      return head === '' || /^[&*!#]|:\s*$/.test(value) ? line : `${head}"${placeholder}"`
    })
    .join('\n')
}

function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/**
 * The line of the innermost statement that wrote the end of the line, where the value is; inner ones are reported
 * first.
 */
function templateLine(
  index: number,
  starts: readonly number[],
  text: string,
  spans: readonly TraceSpan[],
): number | undefined {
  const start = starts[index]
  if (start === undefined) return undefined
  const end = text.indexOf('\n', start) < 0 ? text.length : text.indexOf('\n', start)
  const lineText = text.slice(start, end)
  const at = start + lengthWithoutQuotes(lineText) - 1
  let found: TraceSpan | undefined
  for (const span of spans) {
    if (
      span.start <= at &&
      at < span.end &&
      (found === undefined || span.end - span.start < found.end - found.start)
    )
      found = span
  }
  if (found === undefined) return undefined
  return found.isText ? found.line + text.slice(found.start, at).split('\n').length - 1 : found.line
}
