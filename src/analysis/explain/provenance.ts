/**
 * The source of each injected field: the core is run again with each input removed, and the fields that differ came
 * from that input. What no input changes is a constant of the template. The core needs no support for this.
 */

import { inject, STATUS } from '../../inject/index.ts'
import { INIT_CONTAINER, PROXY_CONTAINER } from '../../istio/index.ts'
import { equalJson, isObject, type JsonObject, type JsonValue } from '../../json/index.ts'
import { annotationOf, containersOf, findContainer, textAt } from '../../kube/index.ts'
import { type Injection, type Input, type InputKind, inputVariants } from './input-variants.ts'
import { type PodFields, podFields } from './pod-fields.ts'
import { findReplaced, HIDDEN, hideInner, hideSecrets, type ReplacedField } from './replaced-fields.ts'
import { findTemplateLines, type TemplateLine } from './template-lines.ts'

export interface FieldSource {
  /** `spec.containers[istio-proxy].resources.requests.cpu`. */
  readonly path: string
  readonly value: JsonValue
  /** Inputs whose removal changes the field; empty: a constant of the template. */
  readonly inputs: readonly Input[]
  /** undefined: a pass after the templates wrote it, or the line is unknown. */
  readonly line: TemplateLine | undefined
}

/** What injection would do without one of the user's settings. */
export interface WithheldField {
  readonly path: string
  /** The value that it would have. */
  readonly value: JsonValue
  readonly input: Input
}

export interface UserOverride {
  readonly path: string
  readonly wanted: JsonValue
  /** undefined: it is removed. */
  readonly got: JsonValue | undefined
  readonly survived: boolean
}

export interface Provenance {
  /** What injection added or changed, in the pod's order. */
  readonly fields: readonly FieldSource[]
  /** What the pod itself had there. */
  readonly replaced: readonly ReplacedField[]
  readonly withheld: readonly WithheldField[]
  /** What the pod itself sets for the containers that injection adds. */
  readonly overrides: readonly UserOverride[]
}

/**
 * undefined: the pod is not injected. It takes some hundred injections, so it must not run while a review is waiting.
 */
export function findProvenance({
  request: asked,
  snapshot,
  options,
  config,
}: Injection): Provenance | undefined {
  // The revision stays the same, whatever label is removed.
  const request = { ...asked, target: { by: 'revision', name: config.name } } as const
  const outcome = inject(request, snapshot, options)
  if (outcome.kind !== 'patched') return undefined
  const before = podFields(request.object)
  const after = podFields(outcome.pod)
  const injected = new Map([...after].filter(([path, value]) => !sameValue(before.get(path), value)))
  const inputs = new Map<string, Input[]>()
  const withheld: WithheldField[] = []
  for (const { input, ...variant } of inputVariants({ request, snapshot, options, config })) {
    const found = inject(variant.request, variant.snapshot, options)
    if (found.kind !== 'patched') continue
    const fields = podFields(found.pod)
    for (const [path, value] of injected) {
      if (sameValue(fields.get(path), value) || isGoneWithItem(path, fields, after)) continue
      const sources = inputs.get(path)
      if (sources === undefined) inputs.set(path, [input])
      else sources.push(input)
    }
    if (!OF_USERS.has(input.kind)) continue
    for (const [path, value] of fields) {
      if (injected.has(path) || sameValue(after.get(path), value) || isGoneWithItem(path, after, fields))
        continue
      // The same text, once as JSON and once expanded.
      if ([...after.keys()].some((known) => known.startsWith(`${path}{`))) continue
      withheld.push({ path, value, input })
    }
  }
  const lines = findTemplateLines({ request, snapshot, options, config })
  return {
    fields: [...injected].map(([path, value]) => ({
      path,
      value: isOwnVariable(path, before) ? HIDDEN : hideInner(value),
      inputs: inputs.get(path) ?? [],
      line: lineOf(path, lines),
    })),
    replaced: findReplaced(before, after),
    withheld: withheld.map((field) => ({ ...field, value: hideInner(field.value) })),
    overrides: findOverrides(request.object, outcome.pod),
  }
}

/** A variable of a container that the pod brought: its value is the pod's, wherever it is now. */
function isOwnVariable(path: string, before: PodFields): boolean {
  return path.endsWith('.value') && before.has(path)
}

/** All fields of a list or map on one line have that line. */
function lineOf(path: string, lines: ReadonlyMap<string, TemplateLine>): TemplateLine | undefined {
  for (let part = path; part !== ''; part = withoutLastStep(part)) {
    const line = lines.get(part)
    if (line !== undefined) return line
  }
  return undefined
}

/** Without the last `.key`, `[item]` or `{key}`. */
export function withoutLastStep(path: string): string {
  const last = path.at(-1)
  const opening = last === '}' ? '{' : last === ']' ? '[' : '.'
  return path.slice(0, Math.max(0, path.lastIndexOf(opening)))
}

/** If a whole container or variable is missing, its name has the source for all of it. */
function isGoneWithItem(path: string, fields: PodFields, after: PodFields): boolean {
  for (const { index } of path.matchAll(/\]\./g)) {
    const name = `${path.slice(0, index + 1)}.name`
    if (name !== path && after.has(name) && !fields.has(name)) return true
  }
  return false
}

/** The cluster's own settings affect so many fields that what they prevent is not informative. */
const OF_USERS: ReadonlySet<InputKind> = new Set(['pod annotation', 'pod label', 'ProxyConfig resource'])

function sameValue(a: JsonValue | undefined, b: JsonValue): boolean {
  return a !== undefined && equalJson(a, b)
}

/** For an already injected pod these settings come from the earlier injection, so they are not reported. */
function findOverrides(before: JsonObject, after: JsonObject): readonly UserOverride[] {
  if (annotationOf(before, STATUS) !== undefined) return []
  const overrides: UserOverride[] = []
  for (const name of [PROXY_CONTAINER, INIT_CONTAINER]) {
    const [wanted, got] = [before, after].map((pod) => containerOf(pod, name))
    if (wanted === undefined) continue
    const fields = podFields(got ?? {})
    for (const [path, value] of podFields(wanted)) {
      if (path === 'name') continue
      const found = fields.get(path)
      const isReplaced = found !== undefined && !sameValue(found, value)
      overrides.push({
        path: `${name}: ${path}`,
        wanted: hideSecrets(path, value),
        // The value that injection writes instead is not a secret of the pod.
        got: found && (isReplaced ? hideInner(found) : hideSecrets(path, found)),
        survived: sameValue(found, value),
      })
    }
  }
  return overrides
}

function containerOf(pod: JsonObject, name: string): JsonObject | undefined {
  const all = [...containersOf(pod, 'containers'), ...containersOf(pod, 'initContainers')]
  const found = findContainer(all, name)
  return isObject(found) && textAt(found, 'name') === name ? found : undefined
}
