/**
 * Renders the selected templates and merges each into the pod and, separately, into the result of the templates before
 * it: YAML, strategic merge by Pod's schema, typed again (Istio's RunTemplate and applyOverlayYAML).
 */

import { RemoraError } from '../errors.ts'
import {
  Budget,
  type BudgetLimits,
  type CompiledTemplate,
  type ExecuteOptions,
  type GoValue,
  TemplateExecError,
  type TracedOutput,
  toBytes,
} from '../gotemplate/index.ts'
import { PROXY_CONTAINER } from '../istio/index.ts'
import { isObject, JsonError, type JsonObject, type JsonValue, parseYaml } from '../json/index.ts'
import {
  annotationOf,
  containersOf,
  decodePod,
  findContainer,
  KubeError,
  textAt,
  withSpecField,
} from '../kube/index.ts'
import type { Steps } from '../steps.ts'
import { quoteText } from '../visible-text.ts'
import { templateData } from './data/template-data.ts'
import { wrongJsonOf } from './json-annotation.ts'
import { mergeTyped } from './merge-typed.ts'
import { findFieldCause, findOutputCause, type OutputCause } from './output-cause.ts'
import { InjectionRefusal, refuseAs } from './refusal.ts'
import type { InjectionRequest } from './request.ts'
import type { RevisionConfig } from './revision-config.ts'
import type { RequestCache } from './specialize/revision-cache.ts'
import type { TemplateOutput } from './specialize/specialized-template.ts'
import { type KeyFacts, templateKey } from './specialize/template-key.ts'
import { KEY_FUNCTIONS } from './template-sources.ts'

export interface Overlaid {
  /** Pod and templates merged. */
  readonly merged: JsonObject
  /** The templates alone, merged into each other. */
  readonly template: JsonObject
}

export interface OverlayFacts {
  readonly config: RevisionConfig
  /** Names, with aliases resolved. */
  readonly templates: readonly string[]
  readonly data: KeyFacts
  /** Undefined: each template is executed as a whole and its output parsed. */
  readonly specialize: RequestCache | undefined
  /** The control plane's setting; the pod's own annotation is not included. */
  readonly nativeSidecars: boolean
  readonly request: InjectionRequest
  /** For all templates of this pod together. */
  readonly limits: BudgetLimits | undefined
}

/** @throws InjectionRefusal */
export function* overlayTemplates(pod: JsonObject, facts: OverlayFacts): Steps<Overlaid> {
  const budget = new Budget(facts.limits)
  const data = templateData(facts.config.model, facts.data)
  let overlaid: Overlaid = { merged: pod, template: EMPTY }
  for (const name of facts.templates) {
    const output = placedIn(name, () => outputOf(name, facts, data, budget))
    yield
    const tried = `template ${name} could not be merged with the pod`
    overlaid = placedIn(name, () =>
      refuseAs('overlay-failed', tried, () =>
        withFieldCause(name, { facts, data, budget }, output, () => layOver(overlaid, output, facts)),
      ),
    )
    yield
  }
  return overlaid
}

/** Adds to an error the line of the template that wrote the field. */
function withFieldCause<T>(
  name: string,
  { facts, data, budget }: { facts: OverlayFacts; data: GoValue; budget: Budget },
  output: TemplateOutput,
  step: () => T,
): T {
  try {
    return step()
  } catch (error) {
    const path = error instanceof RemoraError ? pathInOutput(output.overlay()) : undefined
    if (!(error instanceof RemoraError) || path === undefined) throw error
    const options = executeOptions(facts, budget)
    const cause = findFieldCause(path, facts.data, () => trace(templateOf(name, facts), data, options))
    if (cause === undefined) throw error
    const place = { template: name, ...(cause.line === undefined ? {} : { line: cause.line }) }
    const message = `template ${name} could not be merged with the pod: ${error.message}; ${cause.text}`
    throw new InjectionRefusal('overlay-failed', message, error, place)
  }
}

/** The field of the template's own Pod that does not decode; in the merged pod, its position in a list may differ. */
function pathInOutput(overlay: JsonObject): string | undefined {
  try {
    decodePod(overlay)
    return undefined
  } catch (error) {
    return error instanceof KubeError ? error.path : undefined
  }
}

/** Errors name the template: a definition's own name could not be found in the configuration. */
function placedIn<T>(name: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (!(error instanceof InjectionRefusal) || error.code === 'template-not-found') throw error
    const line = error.cause instanceof TemplateExecError ? error.cause.line : error.place?.line
    const place = { template: name, ...(line === undefined ? {} : { line }) }
    throw new InjectionRefusal(error.code, error.message, error.cause, place)
  }
}

const EMPTY = decodePod({})

function outputOf(name: string, facts: OverlayFacts, data: GoValue, budget: Budget): TemplateOutput {
  return runSpecialized(name, facts, data, budget) ?? execute(name, facts, data, budget)
}

/** The template's output by its specialisation. */
function runSpecialized(
  name: string,
  { data: facts, specialize, request }: OverlayFacts,
  data: GoValue,
  budget: Budget,
): TemplateOutput | undefined {
  if (specialize === undefined) return undefined
  const { cache, tenant, later } = specialize
  const template = cache.template(name)
  const key = template && templateKey(facts, template.keys)
  const output = template?.run({ key, tenant, data, budget, later })
  if (output !== undefined) cache.counts.hits++
  else {
    cache.counts.misses++
    later(() => cache.warmUp.add(request))
  }
  return output
}

/** The template's output by executing it as a whole and parsing its text. */
function execute(name: string, facts: OverlayFacts, data: GoValue, budget: Budget): TemplateOutput {
  const template = templateOf(name, facts)
  const options = executeOptions(facts, budget)
  const text = render({ name, template, pod: facts.data.pod }, data, options)
  const overlay = parseRendered(text, name, (error) =>
    findOutputCause(error, text, facts.data, () => trace(template, data, options)),
  )
  return { overlay: () => overlay, typed: undefined }
}

function templateOf(name: string, facts: OverlayFacts): CompiledTemplate {
  const template = facts.config.templates.get(name)
  if (template === undefined) {
    const known = [...facts.config.templates.keys()].sort().join(', ')
    throw new InjectionRefusal(
      'template-not-found',
      `requested template ${quoteText(name)} not found; have ${known}`,
    )
  }
  return template
}

/** Clock and seed are read only if a function needs them. */
function executeOptions({ request }: OverlayFacts, budget: Budget): ExecuteOptions {
  return {
    budget,
    get nowMs() {
      return request.nowMs
    },
    get seed() {
      return request.seed
    },
  }
}

interface Rendering {
  readonly name: string
  readonly template: CompiledTemplate
  readonly pod: JsonObject
}

function render({ name, template, pod }: Rendering, data: GoValue, options: ExecuteOptions): string {
  try {
    return template.execute(data, options)
  } catch (error) {
    if (!(error instanceof TemplateExecError)) throw error
    const code = error.class === 'budget' ? 'template-budget' : 'template-failed'
    throw new InjectionRefusal(code, messageOf(error, name, pod), error)
  }
}

/** The annotation first where one is the cause: its author may not know the template. */
function messageOf(error: TemplateExecError, name: string, pod: JsonObject): string {
  const line = error.place.text.split('\n')[(error.line ?? 0) - 1] ?? ''
  const wrong = wrongJsonOf(line, pod)
  if (wrong.length === 0) return error.message
  return `${wrong.join('; ')}; line ${error.line} of template ${name} reads it: ${error.message}`
}

/** A longer output is not explained. */
const MAX_TRACED = 64 * 1024

/** Undefined for a template that changes its data, and where it would be expensive: what is left of the budget counts. */
function trace(template: CompiledTemplate, data: GoValue, options: ExecuteOptions): TracedOutput | undefined {
  if (template.mutates) return undefined
  try {
    const output = template.traced(KEY_FUNCTIONS).execute(data, options)
    return output.text.length > MAX_TRACED ? undefined : output
  } catch (error) {
    if (error instanceof TemplateExecError) return undefined
    throw error
  }
}

function parseRendered(
  text: string,
  template: string,
  findCause: (error: JsonError) => OutputCause | undefined,
): JsonObject {
  const source = `output of template ${template}`
  // A text cut inside a character contains invalid UTF-8, which YAML refuses.
  const readable = text.isWellFormed() ? text : toBytes(text)
  let value: JsonValue
  try {
    value = parseYaml(readable, { source })
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    const cause = findCause(error)
    const message = `${source}: ${error.message}${cause === undefined ? '' : `; ${cause.text}`}`
    const line = cause?.line
    const place = { template, ...(line === undefined ? {} : { line }) }
    throw new InjectionRefusal('template-output-invalid', message, error, place)
  }
  if (value === null) return {}
  if (isObject(value)) return value
  throw new InjectionRefusal(
    'template-output-invalid',
    `${source}: expected a Pod as a YAML map, found a ${typeof value}`,
  )
}

function layOver(overlaid: Overlaid, { overlay, typed }: TemplateOutput, facts: OverlayFacts): Overlaid {
  if (typed !== undefined && overlaid.template === EMPTY) {
    const { template, settled } = typed
    const moved = moveNativeSidecar(overlaid.merged, template, facts)
    if (!typed.collides(moved))
      return { template, merged: mergeTyped(moved, typed.patch(), { typed: template, settled }) }
  }
  const patch = overlay()
  const template = mergeTyped(overlaid.template, patch)
  const moved = moveNativeSidecar(overlaid.merged, template, facts)
  return { template, merged: mergeTyped(moved, patch) }
}

/**
 * A pod customises istio-proxy in `containers`. If the template has it as an init container, the pod's is moved there
 * first, so that the two merge.
 */
function moveNativeSidecar(pod: JsonObject, template: JsonObject, facts: OverlayFacts): JsonObject {
  if (!wantsNative(pod, facts)) return pod
  if (findContainer(containersOf(template, 'initContainers'), PROXY_CONTAINER) === undefined) return pod
  const containers = containersOf(pod, 'containers')
  const index = containers.findIndex((container) => textAt(container, 'name') === PROXY_CONTAINER)
  const sidecar = containers[index]
  if (sidecar === undefined) return pod
  const without = withSpecField(pod, 'containers', containers.toSpliced(index, 1))
  return withSpecField(without, 'initContainers', [...containersOf(pod, 'initContainers'), sidecar])
}

function wantsNative(pod: JsonObject, { config, nativeSidecars }: OverlayFacts): boolean {
  // Istio 1.24+: the annotation overrides the control plane's setting; other values than these two have no effect.
  const annotation = config.gates.nativeSidecarAnnotation
    ? annotationOf(pod, 'sidecar.istio.io/nativeSidecar')
    : undefined
  return annotation === 'true' || (annotation !== 'false' && nativeSidecars)
}
