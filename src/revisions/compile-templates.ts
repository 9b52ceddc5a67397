/** Compiles a revision's templates. */
import {
  type CompiledTemplate,
  compileTemplate,
  type FunctionTable,
  showSource,
  TemplateParseError,
} from '../gotemplate/index.ts'
import { istioFunctions, type RevisionConfig, type TemplateModel } from '../inject/index.ts'
import type { InjectorConfig } from '../istio/index.ts'
import type { Steps } from '../steps.ts'
import { RevisionConfigError } from './revision-texts.ts'

/** The functions for the templates of a release. */
export function templateFunctions(
  model: TemplateModel,
  environment: ReadonlyMap<string, string>,
): FunctionTable {
  return { ...model.sprig, ...istioFunctions({ ...model, environment }) }
}

/** Returns a compiled template of that name and text with the same functions, if there is one. */
export type ReadyTemplate = (name: string, text: string) => CompiledTemplate | undefined

/** Looks in the configurations of the same release. */
export function readyTemplates(
  configs: readonly RevisionConfig[],
  { model, environment }: Pick<RevisionConfig, 'model' | 'environment'>,
): ReadyTemplate {
  return (name, text) => {
    for (const config of configs) {
      const template = config.templates.get(name)
      if (template === undefined || config.injector.templates.get(name) !== text) continue
      // Its functions depend on the types that it was compiled with, and `env` on the environment.
      if (config.model !== model) continue
      if (!template.calls.has('env') || sameEnvironment(config.environment, environment)) return template
    }
    return undefined
  }
}

function sameEnvironment(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([name, value]) => other.get(name) === value)
}

/** The most tokens that newly compiled templates may have, and the templates that take no memory of their own. */
export interface TokenBudget {
  readonly tokens: number
  readonly shared: ReadonlySet<CompiledTemplate>
}

const UNBOUNDED: TokenBudget = { tokens: Number.POSITIVE_INFINITY, shared: new Set() }

export interface CompiledTemplates {
  readonly templates: ReadonlyMap<string, CompiledTemplate>
  /** Errors of all templates that do not compile, in their order. */
  readonly errors: readonly RevisionConfigError[]
}

/**
 * One template per step.
 * @param source the source of the texts named in messages
 * @param ready finds templates that are compiled already
 * @param budget a template beyond it is an error `template-too-large`
 */
export function* compileTemplates(
  { templates }: InjectorConfig,
  functions: FunctionTable,
  source: string,
  ready: ReadyTemplate = () => undefined,
  budget: TokenBudget = UNBOUNDED,
): Steps<CompiledTemplates> {
  let maxTokens = budget.tokens
  const compiled = new Map<string, CompiledTemplate>()
  const errors: RevisionConfigError[] = []
  for (const [name, text] of templates) {
    yield
    try {
      const template = ready(name, text) ?? compileTemplate({ name, text }, { functions, maxTokens })
      if (!budget.shared.has(template)) maxTokens -= template.tokens
      compiled.set(name, template)
    } catch (error) {
      if (!(error instanceof TemplateParseError)) throw error
      errors.push(withPlace(error, `${source}, template ${name}`))
    }
  }
  return { templates: compiled, errors }
}

function withPlace(error: TemplateParseError, source: string): RevisionConfigError {
  const { line = 1, column = 1, place } = error
  const shown = showSource(place.text, place.offset)
  const why =
    error.class === 'too-large' ? ' (--configuration-memory bounds what all configurations take)' : ''
  const message = `${source}, line ${line}: ${error.message}${why}\n${shown}`
  return new RevisionConfigError('config-invalid', message, { source, line, column, cause: error })
}
