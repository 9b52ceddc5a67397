/**
 * The entry point. `compileTemplate` parses at once but compiles only when needed, because most templates of a
 * configuration are never used; `execute` runs on the data of one request.
 */
import { own } from '../json/index.ts'
import { Budget, BudgetError, type BudgetLimits } from './budget.ts'
import { builtins } from './builtins/index.ts'
import type { FunctionUse, TemplateCode } from './eval/compiler.ts'
import { Execution, NORMAL } from './eval/execution.ts'
import { Site } from './eval/site.ts'
import { TemplateCompiler } from './eval/template-compiler.ts'
import { type FunctionTable, GoFunctionError } from './functions.ts'
import type { ParsedTemplate, PipeNode } from './parse/ast.ts'
import { isEmpty, parseTemplate } from './parse/parser.ts'
import { Unspecialised } from './residual/pipe-reads.ts'
import { type ResidualOptions, ResidualTemplate } from './residual/residual-template.ts'
import { compareStrings, rejoin } from './strconv/go-string.ts'
import { type DataPath, findDataPaths, type KeyFunctions } from './trace/data-paths.ts'
import { type ReportSpan, type TraceSpan, TracingCompiler } from './trace/trace-compiler.ts'
import { TracedOutput } from './trace/traced-output.ts'
import type { GoValue } from './values.ts'

export interface CompileOptions {
  /** In addition to Go's builtins, which they may replace. */
  readonly functions?: FunctionTable
  /** The most tokens that all texts may have; unbounded if absent. */
  readonly maxTokens?: number
}

export interface ExecuteOptions {
  /** Counts over several executions if it is passed to all of them. */
  readonly budget?: Budget
  readonly limits?: BudgetLimits
  /** The template's clock in milliseconds since 1970. */
  readonly nowMs?: number
  /** The seed of the random functions. */
  readonly seed?: number
}

export interface CompiledTemplate {
  readonly name: string
  /** A function somewhere in the set reads the clock or the seed. */
  readonly impure: boolean
  /** A function somewhere in the set changes its argument (sprig's set): pass data that may change. */
  readonly mutates: boolean
  /** The names of all functions that the set calls. */
  readonly calls: ReadonlySet<string>
  /** Number of tokens of its texts: its memory is proportional to it (configuration-memory.ts). */
  readonly tokens: number
  /** Everything that was parsed, by name: the template itself and those that it defines. */
  readonly definitions: ReadonlyMap<string, ParsedTemplate>
  /** Compiles now instead of at the first execution. */
  prepare(): void
  /**
   * Runs the template. The result is a plain string in which invalid UTF-8 bytes (from trunc, substr) are
   * U+DC80..U+DCFF; `toBytes` returns the exact bytes.
   * @throws TemplateExecError
   */
  execute(data: GoValue, options?: ExecuteOptions): string
  /**
   * The same template compiled again, so that its output shows which statement wrote what. For messages and explanations:
   * the result takes memory that nothing accounts for.
   */
  traced(keyFunctions: KeyFunctions): TracedTemplate
  /**
   * The same template, to be specialised by the paths of its executions. Undefined if two executions with the same data
   * may differ (clock, randomness, arguments changed in place) or if its reads are unknown.
   */
  residual(options: ResidualOptions): ResidualTemplate | undefined
}

export interface TracedTemplate {
  /** @throws TemplateExecError */
  execute(data: GoValue, options?: ExecuteOptions): TracedOutput
}

/** A template's name and text, or several (name to text), of which `name` is executed. */
export type TemplateSource =
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly texts: ReadonlyMap<string, string> }

/**
 * Parses the texts (if there are several, in byte order of their names). Errors in them are reported now; as in Go,
 * errors of compilation are reported when the template is executed.
 * @throws TemplateParseError
 */
export function compileTemplate(source: TemplateSource, options: CompileOptions = {}): CompiledTemplate {
  const functions = new FunctionScope(options.functions)
  const { templates, tokens } = parseSet(source, functions, options.maxTokens)
  const lookUp = (called: string): FunctionUse => functions.use(called)
  let compiled: ReadonlyMap<string, TemplateCode> | undefined
  const codes = (): ReadonlyMap<string, TemplateCode> => {
    compiled ??= compileSet(templates, lookUp)
    return compiled
  }
  const parsed = templates.get(source.name)
  return {
    name: source.name,
    impure: functions.impure,
    mutates: functions.mutates,
    calls: functions.called,
    tokens,
    definitions: templates,
    prepare: () => void codes(),
    execute: (data, executeOptions) =>
      execute(source.name, codes().get(source.name), parsed, data, executeOptions),
    traced(keyFunctions) {
      let spans: TraceSpan[] = []
      const code = compileSet(templates, lookUp, (span) => void spans.push(span)).get(source.name)
      let paths: ReadonlyMap<PipeNode, readonly DataPath[]> | undefined
      const readsOf = (pipe: PipeNode): readonly DataPath[] => {
        paths ??= findDataPaths(templates, source.name, keyFunctions)
        return paths.get(pipe) ?? []
      }
      return {
        execute(data, executeOptions) {
          spans = []
          const text = execute(source.name, code, parsed, data, executeOptions)
          return new TracedOutput(text, spans, readsOf)
        },
      }
    },
    residual(residualOptions) {
      if (functions.impure || functions.mutates) return undefined
      try {
        return new ResidualTemplate(source.name, templates, { templates: codes(), lookUp }, residualOptions)
      } catch (error) {
        if (error instanceof Unspecialised) return undefined
        throw error
      }
    },
  }
}

function compileSet(
  templates: ReadonlyMap<string, ParsedTemplate>,
  lookUp: (called: string) => FunctionUse,
  report?: ReportSpan,
): ReadonlyMap<string, TemplateCode> {
  const codes = new Map<string, TemplateCode>()
  for (const name of templates.keys()) {
    codes.set(name, { name, body: () => NORMAL, slots: 1, nesting: 1 })
  }
  for (const [name, template] of templates) {
    const set = { templates: codes, lookUp }
    const compiler =
      report === undefined ? new TemplateCompiler(template, set) : new TracingCompiler(template, set, report)
    const code = codes.get(name)
    if (code === undefined) continue
    code.body = compiler.list(template.root)
    code.slots = compiler.scope.size
    code.nesting = compiler.deepest
  }
  return codes
}

interface ParsedSet {
  readonly templates: ReadonlyMap<string, ParsedTemplate>
  readonly tokens: number
}

function parseSet(
  source: TemplateSource,
  functions: FunctionScope,
  maxTokens = Number.POSITIVE_INFINITY,
): ParsedSet {
  const texts = 'texts' in source ? [...source.texts] : [[source.name, source.text] as const]
  const templates = new Map<string, ParsedTemplate>()
  let tokens = 0
  for (const [name, text] of texts.sort(([a], [b]) => compareStrings(a, b))) {
    const ofText = new Map<string, ParsedTemplate>()
    tokens += parseTemplate(
      { name, text },
      ofText,
      (called) => functions.knows(called),
      Math.max(0, maxTokens - tokens),
    )
    // The later definition wins, unless it is empty.
    for (const [defined, template] of ofText) {
      if (!templates.has(defined) || !isEmpty(template.root)) templates.set(defined, template)
    }
  }
  return { templates, tokens }
}

function execute(
  name: string,
  code: TemplateCode | undefined,
  parsed: ParsedTemplate | undefined,
  data: GoValue,
  options: ExecuteOptions = {},
): string {
  const budget = options.budget ?? new Budget(options.limits)
  const run = new Execution(budget, options)
  const start = parsed ?? { name, source: { name, text: '' }, root: { kind: 'list', offset: 0, nodes: [] } }
  const site = new Site(start, { kind: 'text', offset: 0 })
  if (code === undefined) {
    return site.fail('undefined-template', `${JSON.stringify(name)} is an incomplete or empty template`)
  }
  const slots: GoValue[] = new Array(code.slots)
  const dot = data ?? undefined
  slots[0] = dot
  try {
    code.body({ run, slots }, dot)
  } catch (error) {
    if (error instanceof BudgetError) return (run.site ?? site).fail('budget', error.message)
    // Printing may fail without a function being responsible: data that is nested too deeply.
    if (error instanceof GoFunctionError) return (run.site ?? site).fail('too-deep', error.message)
    // The budget's depth is well below this, but the caller's own stack may be deep.
    if (error instanceof RangeError && /call stack/.test(error.message)) {
      return (run.site ?? site).fail('too-deep', 'templates are nested too deeply for the stack')
    }
    throw error
  }
  return rejoin(run.output)
}

/** The functions that a set may call, and those that it does call. */
class FunctionScope {
  readonly called = new Set<string>()
  impure = false
  mutates = false
  readonly #own: FunctionTable

  constructor(functions: FunctionTable | undefined) {
    this.#own = functions ?? {}
  }

  knows(name: string): 'yes' | 'no' | { readonly refused: string } {
    const spec = own(this.#own, name) ?? own(builtins, name)
    if (spec === undefined) return 'no'
    if (spec.refused !== undefined) return { refused: spec.refused }
    this.called.add(name)
    this.impure ||= spec.impure !== undefined
    this.mutates ||= spec.mutates === true
    return 'yes'
  }

  use(name: string): FunctionUse {
    const given = own(this.#own, name)
    const spec = given ?? own(builtins, name)
    // The parser has refused every other name.
    if (spec === undefined) throw new Error(`function ${name} was not checked by the parser`)
    return { spec, builtin: given === undefined }
  }
}
