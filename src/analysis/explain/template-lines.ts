/**
 * Which line of which template wrote a field. The templates are compiled again so that they report what each statement
 * wrote, and run once through the ordinary core; then their output is parsed a second time with every value replaced by
 * the number of its line. The field in the pod may still have another value, because merge and post-passes follow.
 */
import type { TracedOutput } from '../../gotemplate/index.ts'
import {
  type InjectionRequest,
  inject,
  KEY_FUNCTIONS,
  type Revision,
  type RevisionConfig,
} from '../../inject/index.ts'
import { isObject, type JsonValue, own, parseYaml } from '../../json/index.ts'
import { isList } from '../../kube/index.ts'
import type { Injection } from './input-variants.ts'
import { itemKeys, joinPath } from './pod-fields.ts'
import { countOpen, splitFlowLine, splitLine, startsBlockScalar } from './yaml-line.ts'

export interface TemplateLine {
  readonly template: string
  /** 1-based, in the template's own text. */
  readonly line: number
}

interface Rendered {
  readonly template: string
  readonly output: TracedOutput
}

/**
 * By path as pod-fields.ts writes it (without the inner fields of JSON texts). The last of several templates counts.
 */
export function findTemplateLines(injection: Injection): ReadonlyMap<string, TemplateLine> {
  const lines = new Map<string, TemplateLine>()
  for (const [path, { template, line }] of findWrittenFields(injection)) lines.set(path, { template, line })
  return lines
}

/** A field as a template wrote it. */
export interface WrittenField extends TemplateLine {
  readonly output: TracedOutput
  /** The line of the output, 1-based. */
  readonly outputLine: number
}

/**
 * By path; of several templates, the last counts.
 * @param traced the templates of the configuration, for whoever asks about several pods
 */
export function findWrittenFields(
  injection: Injection,
  traced = new TracedTemplates(injection.config),
): ReadonlyMap<string, WrittenField> {
  const fields = new Map<string, WrittenField>()
  for (const { template, output } of traced.outputs(injection)) {
    visitLines(output, (path, outputLine) => {
      const line = output.templateLine(outputLine)
      if (line !== undefined) fields.set(path, { template, line, output, outputLine })
    })
  }
  return fields
}

/** What a template wrote, for one pod. */
export interface TemplateOutput {
  readonly template: string
  readonly output: TracedOutput
  readonly request: InjectionRequest
}

/** The outputs of all templates that were executed for the requests. The templates are compiled once for all of them. */
export function templateOutputs(
  { snapshot, options, config }: Omit<Injection, 'request'>,
  requests: readonly InjectionRequest[],
): readonly TemplateOutput[] {
  const traced = new TracedTemplates(config)
  return requests.flatMap((request) => traced.outputs({ snapshot, options, request }))
}

/** The templates of a configuration, compiled so that they report what each statement wrote. */
export class TracedTemplates {
  readonly #found: Rendered[] = []
  readonly #revision: Revision

  constructor(config: RevisionConfig) {
    const traced = traceTemplates(config, (one) => this.#found.push(one))
    this.#revision = { name: config.name, namespace: config.namespace, config: traced }
  }

  /** Of all templates that are executed for the request. */
  outputs({ snapshot, options, request }: Omit<Injection, 'config'>): readonly TemplateOutput[] {
    const revisions = new Map(snapshot.revisions).set(this.#revision.name, this.#revision)
    inject(request, { ...snapshot, revisions }, options)
    return this.#found.splice(0).map((one) => ({ ...one, request }))
  }
}

function traceTemplates(config: RevisionConfig, report: (rendered: Rendered) => void): RevisionConfig {
  const templates = new Map(config.templates)
  for (const [name, compiled] of config.templates) {
    // Most of them are not executed.
    let traced: ReturnType<typeof compiled.traced> | undefined
    templates.set(name, {
      ...compiled,
      // Specialised templates have no lines.
      residual: () => undefined,
      execute(data, options) {
        traced ??= compiled.traced(KEY_FUNCTIONS)
        const output = traced.execute(data, options)
        report({ template: name, output })
        return output.text
      },
    })
  }
  return config.with({ templates })
}

/** A text that no template writes. */
const PLACEHOLDER = /^@remora-line-(\d+)@/

/** Calls `visit` with the path and the line of every value that ends on its line. */
function visitLines({ text }: TracedOutput, visit: (path: string, outputLine: number) => void): void {
  const [values, placeholders] = [tryYaml(text), tryYaml(replaceValues(text))]
  if (values === undefined || placeholders === undefined) return
  const pair = (value: JsonValue, placeholder: JsonValue | undefined, path: string): void => {
    if (typeof placeholder === 'string') {
      const found = PLACEHOLDER.exec(placeholder)?.[1]
      if (found !== undefined) visit(path, Number(found) + 1)
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
